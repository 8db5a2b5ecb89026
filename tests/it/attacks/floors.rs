//! A25: parameters beyond their limits stop the service; looser ones do not touch what is published.

use peerbench::domain::release::{Parameters, Preset, Rule};

use serde_json::Value;

use super::{
    report::report,
    world::{Who, World, peers, rows, typical},
};
use crate::support::{Store, on_both};

on_both!(parameters_have_floors, looser_parameters_do_not_touch_what_is_published);

fn parameters_have_floors(store: Store) {
    let mut world = World::new(store);
    world.service.kill();
    for (setting, value, name) in [
        ("PEERBENCH_PRIVACY_K", "5", "k"),
        ("PEERBENCH_PRIVACY_D", "4", "d"),
        ("PEERBENCH_PRIVACY_M", "1", "m"),
        ("PEERBENCH_PRIVACY_JITTER", "0", "jitter"),
        ("PEERBENCH_PRIVACY_TAIL_MIN", "1", "tail_min"),
        ("PEERBENCH_PRIVACY_ROUND_STEP", "1", "round_step"),
    ] {
        let refused = world.service.refused_with(&[(setting, value)]);
        assert!(refused.contains(name), "{setting}: {refused}");
    }
}

/// Without the interval of ranks, which contains the jitter in force.
fn numbers(mut peers: Vec<Value>) -> Vec<Value> {
    for row in &mut peers {
        for side in ["peers", "fallback"] {
            row[side].as_object_mut().map(|row| row.remove("ranks"));
        }
    }
    peers
}

fn looser_parameters_do_not_touch_what_is_published(store: Store) {
    let mut world = World::new(store);
    let members: Vec<_> = (0..25).map(|number| world.member(number, &Who::default())).collect();
    world.publish().done();
    let reader = world.reader(&members[0]);
    let peers = || numbers(peers(&rows(&reader, "")));
    let before = peers();
    world.service.terminate();
    world.service.start_again_with(&[("PEERBENCH_PRIVACY_K", "10"), ("PEERBENCH_PRIVACY_JITTER", "1")]);
    assert_eq!(peers(), before);
    let looser = [("k", 10), ("jitter", 1)];
    world.app.parameters = Parameters::new(Preset::Default, looser).unwrap();
    world.release();
    assert_eq!(peers(), before, "nobody changed, so no number does");
    (100..110).zip(&members).for_each(|(number, member)| {
        world.upload(member, &typical(number, &world.techniques()));
    });
    world.release();
    let refreshed = peers();
    assert_ne!(refreshed, before, "ten changed");
    // The same lists at another resolution, but for the rule.
    world.app.parameters = Parameters::preset(Preset::Default);
    world.release_without(&[Rule::R17]);
    assert_ne!(peers(), refreshed);
    report(
        25,
        "the service is started with parameters beyond their limits; then with k 20 to 10 and jitter 2 to 1 after a \
         release, and publishes again without a change",
        "R28, R17",
        "it does not start; the cells stay until enough control groups changed",
        "the same lists show other numbers",
    );
}
