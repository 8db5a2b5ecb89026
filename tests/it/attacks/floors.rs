//! A25: parameters beyond their limits stop the service; looser ones do not touch what is published.

use super::world::{Who, World, peers, rows};
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

fn looser_parameters_do_not_touch_what_is_published(store: Store) {
    let mut world = World::new(store);
    let members: Vec<_> = (0..25).map(|number| world.member(number, &Who::default())).collect();
    world.publish().done();
    let reader = world.reader(&members[0]);
    let before = peers(&rows(&reader, ""));
    world.service.terminate();
    world.service.start_again_with(&[("PEERBENCH_PRIVACY_K", "10"), ("PEERBENCH_PRIVACY_JITTER", "1")]);
    assert_eq!(peers(&rows(&reader, "")), before);
    world.publish().done();
    assert_eq!(peers(&rows(&reader, "")), before, "nobody changed, so no number does");
}
