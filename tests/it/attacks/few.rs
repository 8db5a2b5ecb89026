//! A19: what few cover says so and nothing else.

use std::collections::BTreeSet;

use super::world::{Who, World, rows, typical};
use crate::support::{Store, on_both};

on_both!(few_is_all_that_is_said);

fn few_is_all_that_is_said(store: Store) {
    let world = World::new(store);
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
}
