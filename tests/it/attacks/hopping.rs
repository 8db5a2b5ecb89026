//! A13: one organisation that goes from cohort to cohort, to be read by the difference.

use peerbench::domain::release::Rule;
use serde_json::json;

use super::{
    fixture::Fixture,
    report::report,
    world::{Who, World, items},
};
use crate::support::{Store, on_both};

on_both!(an_organisation_that_hops_does_not_show);

fn an_organisation_that_hops_does_not_show(store: Store) {
    let mut world = World::new(store);
    let mut fixture = Fixture::new(13);
    let sector = |number| if number < 30 { "finance" } else { "retail" };
    let members = (0..60).map(|number| (Who { sector: sector(number), ..Who::default() }, fixture.member()));
    let members = world.settle(members.collect::<Vec<_>>());
    world.release();
    let operator = world.service.operator();
    let (finance, retail, victim) =
        (world.reader(&members[0]), world.reader(&members[30]), world.reader(&members[1]));
    let read =
        || [items(&finance, "sector:finance"), items(&retail, "sector:retail"), items(&finance, "all")];
    let saved = read();
    assert!(saved.iter().all(|items| items.iter().any(|item| item.contains("\"p25\""))));
    // The organisation itself has no way.
    victim.patch("/v1/organisation", &json!({ "sector": "retail" })).problem(422, "invalid");
    let profile = format!("/v1/admin/organisations/{}", members[1]);
    victim.patch(&profile, &json!({ "sector": "retail" })).problem(403, "insufficient-scope");
    // The operator moves it twice.
    for sector in ["health", "retail"] {
        operator.patch(&profile, &json!({ "sector": sector })).expect(200);
        assert!(read() == saved, "a move to {sector} shows before a release");
    }
    world.release();
    assert!(read() == saved, "one move shows in the release");
    world.release_without(&[Rule::R17]);
    let [without_it, with_it, all] = read();
    assert_ne!(without_it, saved[0]);
    assert_ne!(with_it, saved[1]);
    assert_eq!(all, saved[2]);
    report(
        13,
        "the operator moves a member from one sector of 30 to another, twice between two releases; the member tries to",
        "R3, R17",
        "nothing shows before the release, nor in it, being one change in each cohort; the member is refused",
        "both sectors' tables show it",
    );
}
