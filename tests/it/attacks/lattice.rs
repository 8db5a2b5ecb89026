//! A9: a cohort that is nearly another one. A10: what the released parts of a cohort leave. A12: a technology that all but
//! one have. Differences of what is published hold none or at least ten control groups.

use peerbench::domain::{organisation::OrganisationId, release::Rule};
use serde_json::json;

use super::{
    fixture::Fixture,
    report::report,
    world::{Who, World, rows},
};
use crate::support::{Store, console::Ran, on_both};

on_both!(
    a_pair_that_is_nearly_its_sector_is_not_released,
    what_the_regions_of_a_sector_leave_is_none_or_many,
    a_technology_that_all_but_one_have_is_not_released,
    the_operator_reads_why_a_cohort_would_be_withheld,
);

/// Members by sector, region and number; the first of each. Pairs are published from 60 members on here.
fn settled<const N: usize>(
    store: Store,
    parts: [(&'static str, &'static str, usize); N],
) -> (World, [OrganisationId; N]) {
    let mut world = World::new(store);
    world.app.parameters.pairs_min_n = 60;
    let mut fixture = Fixture::new(9);
    let first = parts.map(|(sector, region, count)| {
        let who = Who { sector, region, ..Who::default() };
        let members = fixture.members(count).into_iter().map(|scores| (who.clone(), scores));
        world.settle(members).swap_remove(0)
    });
    (world, first)
}

/// How many techniques are released in a cohort, to one who is in it.
fn released(world: &World, member: &OrganisationId, cohort: &str) -> usize {
    let rows = rows(&world.reader(member), &format!("&cohort={cohort}"));
    rows.iter().filter(|row| row["peers"]["status"] == "released").count()
}

fn a_pair_that_is_nearly_its_sector_is_not_released(store: Store) {
    // Three sectors of 30, of which 29, 25 and 20 are in Europe; 30 more in Europe.
    let (mut world, [finance, _, retail, _, health, ..]) = settled(
        store,
        [
            ("finance", "europe", 29),
            ("finance", "africa", 1),
            ("retail", "europe", 25),
            ("retail", "africa", 5),
            ("health", "europe", 20),
            ("health", "africa", 10),
            ("public", "europe", 30),
        ],
    );
    let pairs = [(&finance, "finance"), (&retail, "retail"), (&health, "health")];
    let in_europe = |world: &World| {
        pairs.map(|(member, sector)| released(world, member, &format!("sector:{sector}~region:europe")) > 0)
    };
    world.release();
    assert_eq!(in_europe(&world), [false, false, true]);
    assert!(pairs.iter().all(|(member, sector)| released(&world, member, &format!("sector:{sector}")) > 0));
    world.release_without(&[Rule::R10, Rule::R11, Rule::R11b, Rule::R17]);
    assert_eq!(in_europe(&world), [true, true, true]);
    report(
        9,
        "three sectors of 30 members, of which 29, 25 and 20 are in a region of 104; the pairs are read",
        "R10, R11, R11b",
        "only the pair of 20 is released: the others would differ from their sector by 1 and 5",
        "all three are",
    );
}

/// Nobody else does: members read only that a cohort is not released.
fn the_operator_reads_why_a_cohort_would_be_withheld(store: Store) {
    let (world, [finance, ..]) = settled(store, [("finance", "europe", 22), ("retail", "africa", 3)]);
    let report = world.service.operator().get("/v1/admin/readiness").expect(200).json();
    let of = |cohort: &str| {
        let cohorts = report["cohorts"].as_array().unwrap();
        cohorts.iter().find(|item| item["cohort"] == cohort).unwrap().clone()
    };
    let finance_alone =
        json!({ "cohort": "sector:finance", "contributors": 22, "missing": 0, "withheld": "difference" });
    assert_eq!(of("sector:finance"), finance_alone);
    for cohort in ["all", "sector:retail"] {
        assert_eq!(of(cohort).get("withheld"), None, "{cohort}");
    }
    let console = |arguments: &[&str]| Ran::of(&mut world.service.command(arguments)).done().out;
    let text = console(&["release", "readiness"]);
    assert!(
        text.contains("sector:finance would be withheld: too few contributors of a larger cohort"),
        "{text}"
    );
    assert!(console(&["release", "readiness", "--format", "json"]).contains("\"withheld\": \"difference\""));
    world.release();
    assert!(released(&world, &finance, "all") > 0);
    assert_eq!(released(&world, &finance, "sector:finance"), 0);
}

fn what_the_regions_of_a_sector_leave_is_none_or_many(store: Store) {
    let (mut world, [europe, africa, asia, ..]) = settled(
        store,
        [
            ("finance", "europe", 20),
            ("finance", "africa", 20),
            ("finance", "asia-pacific", 9),
            ("retail", "europe", 15),
            ("retail", "africa", 15),
            ("retail", "asia-pacific", 15),
        ],
    );
    let members = [(&europe, "europe", 20), (&africa, "africa", 20), (&asia, "asia-pacific", 9)];
    let remainder = |world: &World| {
        let left = members.iter().filter(|(member, region, _)| {
            released(world, member, &format!("sector:finance~region:{region}")) == 0
        });
        left.map(|(_, _, members)| *members).sum::<u32>()
    };
    world.release();
    assert_eq!(remainder(&world), 29);
    world.release_without(&[Rule::R11, Rule::R11b, Rule::R17]);
    assert_eq!(remainder(&world), 9);
    report(
        10,
        "a sector has 20, 20 and 9 members in three regions; its released pairs are taken away from it",
        "R11, R11b",
        "29 are left: one of the pairs of 20 is not released",
        "9 are left",
    );
}

fn a_technology_that_all_but_one_have_is_not_released(store: Store) {
    const EDR: &str = "crowdstrike.falcon";
    let mut world = World::new(store);
    let scores = Fixture::new(12).members(25);
    let members = world.settle(scores.iter().map(|scores| (Who::default(), scores.clone())));
    let buys = |world: &World, number: usize| {
        world.scores_in(&members[number], &["microsoft.windows", EDR], &scores[number]);
    };
    (0..24).for_each(|number| buys(&world, number));
    let released = |world: &World| {
        let rows = rows(&world.reader(&members[0]), &format!("&column={EDR}"));
        let cells = rows.iter().filter(|row| row["peers"]["status"] == "released").count();
        assert!(!rows.is_empty());
        cells
    };
    world.release();
    assert_eq!(released(&world), 0, "24 of 25");
    world.release_without(&[Rule::R10, Rule::R17]);
    assert!(released(&world) > 0, "24 of 25, without R10");
    world.release();
    assert_eq!(released(&world), 0, "24 of 25, with it again");
    buys(&world, 24);
    world.release();
    assert_eq!(released(&world), 0, "25 of 25, of whom one is new");
    world.release_without(&[Rule::R17]);
    assert!(released(&world) > 0, "25 of 25, without R17");
    report(
        12,
        "24 of 25 members have an EDR, then all; its column is read beside `any`",
        "R10, R17",
        "not released, neither for 24 nor for 25, so that the one cannot be taken out",
        "released for 24 without R10, for 25 without R17",
    );
}
