//! A1: one control group too few, and nothing is there.

use super::world::{Who, World, rows};
use crate::support::{Store, on_both};

on_both!(below_k_nothing_is_released, a_technology_of_too_few_is_not_released);

fn below_k_nothing_is_released(store: Store) {
    let world = World::new(store);
    let members: Vec<_> = (0..19).map(|number| world.member(number, &Who::default())).collect();
    world.publish().failed(1, &["at least 20"]);
    let reader = world.reader(&members[0]);
    for list in ["summary", "techniques", "technologies", "families", "tactics", "groups", "cells"] {
        reader.get(&format!("/v1/comparisons/{list}")).problem(404, "not-published");
    }
    // The counter-test: one more, and the same reads are answered.
    world.member(19, &Who::default());
    world.publish().done();
    let released = rows(&reader, "");
    assert!(released.iter().any(|row| row["peers"]["status"] == "released"));
}

/// The community is large enough, those who have the technology are not; what is missing says nothing about why.
fn a_technology_of_too_few_is_not_released(store: Store) {
    let world = World::new(store);
    let members: Vec<_> = (0..25).map(|number| world.member(number, &Who::default())).collect();
    world.publish().done();
    let reader = world.reader(&members[0]);
    let column = rows(&reader, "&column=linux.auditd");
    assert!(!column.is_empty());
    for row in column {
        assert_eq!(row["peers"], serde_json::json!({ "status": "not_released" }), "{row}");
    }
}
