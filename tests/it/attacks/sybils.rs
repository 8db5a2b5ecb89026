//! A2: one honest member among organisations of one hand. A26: one provider's customers among others.

use super::world::{Who, World, rows};
use crate::support::{Store, on_both};

on_both!(one_hand_is_one_member, unverified_organisations_are_nobody, a_provider_is_at_most_a_quarter);

fn one_hand_is_one_member(store: Store) {
    let world = World::new(store);
    world.member(0, &Who::default());
    let one_hand = Who { control_group: Some("one hand".to_owned()), ..Who::default() };
    let sybils: Vec<_> = (1..=30).map(|number| world.member(number, &one_hand)).collect();
    world.publish().failed(1, &["at least 20"]);
    world.reader(&sybils[0]).get("/v1/comparisons/summary").problem(404, "not-published");
}

fn unverified_organisations_are_nobody(store: Store) {
    let world = World::new(store);
    world.member(0, &Who::default());
    let unverified = Who { verified: false, ..Who::default() };
    let sybils: Vec<_> = (1..=30).map(|number| world.member(number, &unverified)).collect();
    world.publish().failed(1, &["at least 20"]);
    world.reader(&sybils[0]).get("/v1/comparisons/summary").problem(403, "not-verified");
}

/// A third of the organisations belong to one provider and have twenty rules for everything; the others have one.
fn a_provider_is_at_most_a_quarter(store: Store) {
    let world = World::new(store);
    let (techniques, provider) = (world.techniques(), Some("provider".to_owned()));
    let mut honest = Vec::new();
    for number in 0..60 {
        let of_provider = number < 20;
        let control_group = provider.clone().filter(|_| of_provider);
        let organisation = world.organisation(&Who { control_group, ..Who::default() });
        let rules = if of_provider { 20 } else { 1 };
        world.upload(&organisation, &techniques.iter().map(|id| (*id, rules)).collect());
        if !of_provider {
            honest.push(organisation);
        }
    }
    world.publish().done();
    for row in rows(&world.reader(&honest[0]), "") {
        if techniques.iter().any(|id| row["technique"] == id.to_string()) {
            // 40 honest ones and 13 of the provider: the upper quartile's rank, moved by two at most, is still honest.
            assert_eq!(row["peers"]["members"], "30-49", "{row}");
            assert_eq!((&row["peers"]["p25"], &row["peers"]["p50"]), (&30.into(), &30.into()), "{row}");
        }
    }
}
