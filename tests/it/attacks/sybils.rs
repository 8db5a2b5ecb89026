//! A2: one honest member among organisations of one hand. A26: one provider's customers among others.

use peerbench::{
    app::{Caller, set_standing::set_standing},
    domain::{organisation::Standing, release::Rule},
};

use super::{
    report::report,
    world::{Who, World, rows},
};
use crate::support::{Store, on_both};

on_both!(one_hand_is_one_member, unverified_organisations_are_nobody, a_provider_is_at_most_a_fifth);

fn one_hand_is_one_member(store: Store) {
    let mut world = World::new(store);
    world.member(0, &Who::default());
    let one_hand = Who { control_group: Some("one hand".to_owned()), ..Who::default() };
    let sybils: Vec<_> = (1..=30).map(|number| world.member(number, &one_hand)).collect();
    world.publish().failed(1, &["at least 20"]);
    let reader = world.reader(&sybils[0]);
    reader.get("/v1/comparisons/summary").problem(404, "not-published");
    // R11b alone would hide the two.
    world.release_without(&[Rule::R9, Rule::R11b, Rule::R12]);
    assert!(rows(&reader, "").iter().any(|row| row["peers"]["coverage"] == "half"));
    report(
        2,
        "one honest member and 30 organisations of one control group",
        "R9, R11b, R12",
        "nothing is released",
        "what they cover is, with the honest member's among them",
    );
}

fn unverified_organisations_are_nobody(store: Store) {
    let world = World::new(store);
    world.member(0, &Who::default());
    let unverified = Who { verified: false, ..Who::default() };
    let sybils: Vec<_> = (1..=30).map(|number| world.member(number, &unverified)).collect();
    world.publish().failed(1, &["at least 20"]);
    let reader = world.reader(&sybils[0]);
    reader.get("/v1/comparisons/summary").problem(403, "not-verified");
    for sybil in &sybils {
        set_standing(&world.app, &Caller::console(), sybil, Standing::Verified).unwrap();
    }
    world.publish().done();
    assert!(rows(&reader, "").iter().any(|row| row["peers"]["p50"].is_u64()));
    report(
        2,
        "one honest member and 30 organisations that nobody has verified",
        "R2",
        "nothing is released, and they read nothing",
        "once they are verified, both",
    );
}

/// Of 60 organisations so many belong to one provider and score 100 everywhere; the others score 40.
fn a_provider_is_at_most_a_fifth(store: Store) {
    for (of_provider, share) in [(16, 26), (20, 33), (30, 50)] {
        let mut world = World::new(store);
        let members = world.settle((0..60).map(|number| {
            let control_group = (number < of_provider).then(|| "provider".to_owned());
            (Who { control_group, ..Who::default() }, vec![if number < of_provider { 100 } else { 40 }; 40])
        }));
        let (reader, techniques) = (world.reader(&members[59]), world.techniques());
        let show = |quantile: &str, expected: u64| {
            let rows = rows(&reader, "");
            let rows =
                rows.iter().filter(|row| techniques.iter().any(|id| row["technique"] == id.to_string()));
            rows.for_each(|row| {
                assert_eq!(row["peers"][quantile], expected, "{share} %: {row}");
                assert_eq!(row["peers"]["members"], "30-49", "{share} %: {row}");
            });
        };
        world.release();
        show("p25", 40);
        show("p50", 40);
        // Without jitter the upper quartile is the honest ones' too, at most a fifth being the provider's.
        world.release_without(&[Rule::R14, Rule::R17]);
        show("p75", 40);
        world.release_without(&[Rule::R12, Rule::R14, Rule::R17]);
        show("p75", 90);
    }
    report(
        26,
        "26%, 33% and 50% of 60 organisations are one provider's and score 100, the others 40",
        "R12",
        "`all` is released; its quartiles are the others'",
        "the upper quartile is the provider's",
    );
}
