//! A1: one control group too few, and nothing is there; then enough, and it is.

use peerbench::domain::{organisation::OrganisationId, release::Rule};

use super::{
    fixture::Fixture,
    report::report,
    world::{Who, World, rows},
};
use crate::support::{Store, on_both};

on_both!(below_k_nothing_is_released, a_technology_of_too_few_is_not_released);

fn below_k_nothing_is_released(store: Store) {
    let mut world = World::new(store);
    let members: Vec<_> = (0..19).map(|number| world.member(number, &Who::default())).collect();
    world.publish().failed(1, &["at least 20"]);
    let reader = world.reader(&members[0]);
    for list in ["summary", "techniques", "technologies", "families", "tactics", "groups", "cells"] {
        reader.get(&format!("/v1/comparisons/{list}")).problem(404, "not-published");
    }
    let released = || rows(&reader, "").iter().any(|row| row["peers"]["status"] == "released");
    world.release_without(&[Rule::R9]);
    assert!(released(), "without the threshold");
    assert!(world.try_release().is_err(), "with it again");
    (19..23).for_each(|number| drop(world.member(number, &Who::default())));
    assert!(world.try_release().is_err(), "23 members, of whom four are new");
    (23..29).for_each(|number| drop(world.member(number, &Who::default())));
    world.release();
    assert!(released(), "29 members");
    report(
        1,
        "a release of 19 members, then of 23, then of 29; every list is read",
        "R9, R34",
        "the first is refused and nothing can be read, nor of 23, since only four control groups changed; of 29 it is there",
        "the first is there",
    );
}

/// The community is large enough, those who have the technology are not; what is missing says nothing about why.
fn a_technology_of_too_few_is_not_released(store: Store) {
    let scores = Fixture::new(1).members(40);
    let buys = |world: &World, member: &OrganisationId, number: usize| {
        world.scores_in(member, &["microsoft.windows", "linux.auditd"], &scores[number]);
    };
    let world = || {
        let world = World::new(store);
        let members = world.settle(scores.iter().map(|scores| (Who::default(), scores.clone())));
        (0..19).for_each(|number| buys(&world, &members[number], number));
        (world, members)
    };
    let released = |world: &World, member: &OrganisationId| {
        let column = rows(&world.reader(member), "&column=linux.auditd");
        let missing = serde_json::json!({ "status": "not_released" });
        let released = column.iter().filter(|row| row["peers"] != missing).count();
        assert!(!column.is_empty() && (released == 0 || 2 * released > column.len()));
        released > 0
    };
    {
        let (world, members) = world();
        world.release();
        assert!(!released(&world, &members[0]), "19 owners");
        (19..28).for_each(|number| buys(&world, &members[number], number));
        world.release();
        assert!(!released(&world, &members[0]), "28 owners, nine more than when it was refused");
        buys(&world, &members[28], 28);
        world.release();
        assert!(released(&world, &members[0]), "29 owners");
    }
    let (mut world, members) = world();
    world.release_without(&[Rule::R9]);
    assert!(released(&world, &members[0]), "19 owners without the threshold");
    report(
        1,
        "19 of 40 members own a technology; then 28, then 29; every cell of its column is read",
        "R9, R34",
        "`not_released` at 19, and at 28, since only nine control groups changed; released at 29",
        "released at 19",
    );
}
