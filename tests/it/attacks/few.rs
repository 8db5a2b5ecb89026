//! A19: what few cover says so and nothing else.

use std::collections::BTreeSet;

use peerbench::domain::release::Rule;

use super::{
    report::report,
    world::{Who, World, rows, typical},
};
use crate::support::{Store, on_both};

on_both!(few_is_all_that_is_said);

fn few_is_all_that_is_said(store: Store) {
    let mut world = World::new(store);
    let techniques = world.techniques();
    let members: Vec<_> = (0..30)
        .map(|number| {
            let organisation = world.organisation(&Who::default());
            let mut rules = typical(number, &techniques);
            // Nobody has a rule for the first, and three have many for the second.
            rules.insert(techniques[0], 0);
            rules.insert(techniques[1], if number < 3 { 20 } else { 0 });
            world.upload(&organisation, &rules);
            organisation
        })
        .collect();
    world.publish().done();
    let rows = rows(&world.reader(&members[0]), "");
    let row = |position: usize| {
        rows.iter().find(|row| row["technique"] == techniques[position].to_string()).unwrap()
    };
    for few in [row(0), row(1)] {
        let said: BTreeSet<&str> = few["peers"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(said, BTreeSet::from(["status", "cohort", "column", "coverage"]), "{few}");
        assert_eq!(few["peers"]["coverage"], "few");
        assert_eq!(few.get("position"), None);
        assert_eq!(few.get("difference_to_median"), None);
    }
    // Covered by none or by three: the peers' sides cannot be told apart.
    assert_eq!(row(0)["peers"], row(1)["peers"]);
    // Others have numbers, so the test could have failed.
    assert!(rows.iter().any(|row| row["peers"]["p50"].is_u64()));
    world.release_without(&[Rule::R16, Rule::R17]);
    let rows = self::rows(&world.reader(&members[0]), "");
    let row = rows.iter().find(|row| row["technique"] == techniques[0].to_string()).unwrap();
    assert_eq!(row["peers"]["p75"], 10, "{row}");
    report(
        19,
        "one technique that nobody covers and one that 3 of 30 do are read",
        "R16",
        "both cells say `few` and nothing else",
        "both have numbers, a band and ranks",
    );
}
