//! A16: the same data published again and again. A17: counting members by the band or by any number of an answer. A23:
//! erasing what a number stands on.

use std::collections::BTreeSet;

use peerbench::{
    app::{Caller, set_standing::set_standing},
    domain::{
        organisation::{OrganisationId, Standing},
        release::{Rule, Shown},
    },
};
use serde_json::Value;

use super::{
    fixture::Fixture,
    pure::{Chain, Community, default},
    report::report,
    world::{Who, World, items, peers, rows},
};
use crate::support::{Store, client::Client, on_both};

on_both!(
    publishing_again_gives_the_same,
    no_number_tells_how_many_there_are,
    what_is_erased_still_counts_as_a_change,
);

fn settled(store: Store, members: usize) -> (World, Vec<Vec<u8>>, Vec<OrganisationId>) {
    let world = World::new(store);
    let scores = Fixture::new(16).members(members);
    let members = world.settle(scores.iter().map(|scores| (Who::default(), scores.clone())));
    world.release();
    (world, scores, members)
}

fn publishing_again_gives_the_same(store: Store) {
    let (world, scores, members) = settled(store, 25);
    let reader = world.reader(&members[0]);
    let saved = items(&reader, "all");
    for release in 2..=6 {
        world.release();
        assert_eq!(items(&reader, "all"), saved, "release {release}");
    }
    // With a key per release the jitter of six releases could be averaged.
    let community = Community::of(scores);
    let mut shown: Vec<BTreeSet<String>> = vec![BTreeSet::new(); 40];
    for key in 0..6 {
        let table: Vec<Shown> = Chain::new(key).publish(&community, &default());
        shown.iter_mut().zip(&table).for_each(|(shown, cell)| shown.extend([format!("{cell:?}")]));
    }
    let moving = shown.iter().filter(|shown| shown.len() > 1).count();
    assert!(moving > 20, "{moving}");
    report(
        16,
        "six releases without a change",
        "R14, R17",
        "the same numbers and bands",
        &format!("with a key per release {moving} of 40 cells move"),
    );
}

/// Every whole number that answers say of the peers in one cohort.
fn numbers(reader: &Client) -> BTreeSet<u64> {
    const OWN: [&str; 3] = ["own", "position", "difference_to_median"];
    fn collect(value: &Value, into: &mut BTreeSet<u64>) {
        match value {
            Value::Number(number) => into.extend(number.as_u64()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            Value::Object(members) => members
                .iter()
                .filter(|(name, _)| !OWN.contains(&name.as_str()))
                .for_each(|(_, value)| collect(value, into)),
            _ => {}
        }
    }
    let mut numbers = BTreeSet::new();
    for item in items(reader, "all") {
        collect(&serde_json::from_str(&item).unwrap(), &mut numbers);
    }
    numbers
}

fn no_number_tells_how_many_there_are(store: Store) {
    let (mut world, scores, members) = settled(store, 28);
    let reader = world.reader(&members[0]);
    let saved = items(&reader, "all");
    let band = |reader: &Client| reader.get("/v1/comparisons/summary").expect(200).json()["members"].clone();
    assert_eq!(band(&reader), "20-29");
    let said = numbers(&reader);
    assert!(!said.is_empty() && !said.contains(&28), "{said:?}");
    // One leaves and one joins.
    set_standing(&world.app, &Caller::console(), &members[1], Standing::Suspended).unwrap();
    world.settle([(Who::default(), scores[2].clone())]);
    world.release();
    assert_eq!(items(&reader, "all"), saved, "one swap");
    // It comes back with three more: four changes.
    set_standing(&world.app, &Caller::console(), &members[1], Standing::Verified).unwrap();
    world.settle((0..3).map(|number| (Who::default(), scores[3 + number].clone())));
    world.release();
    assert_eq!(items(&reader, "all"), saved, "28 -> 32");
    assert_eq!((band(&reader), numbers(&reader)), ("20-29".into(), said));
    world.release_without(&[Rule::R17]);
    assert_eq!(band(&reader), "30-49");
    report(
        17,
        "at 28 members one leaves and one joins; then 28 become 32; every whole number that answers say of the peers is \
         collected",
        "R17, R18",
        "the band stays `20-29`, and every other number what it was; none is the number of members",
        "the band becomes `30-49`",
    );
}

fn what_is_erased_still_counts_as_a_change(store: Store) {
    let (mut world, scores, members) = settled(store, 28);
    let reader = world.reader(&members[0]);
    let saved = peers(&rows(&reader, ""));
    let erase = |world: &World, member: usize| {
        let client = world.reader(&members[member]);
        for item in client.get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap() {
            client.delete(&format!("/v1/snapshots/{}", item["id"].as_str().unwrap())).expect(204);
        }
    };
    let change = |world: &World, member: usize| {
        let changed: Vec<u8> = scores[member].iter().map(|score| (score + 50) % 101).collect();
        world.scores(&members[member], &changed);
    };
    erase(&world, 1);
    (2..5).for_each(|member| change(&world, member));
    world.release();
    assert_eq!(peers(&rows(&reader, "")), saved, "one erased and three changed");
    (5..11).for_each(|member| change(&world, member));
    world.release();
    let refreshed = peers(&rows(&reader, ""));
    assert_ne!(refreshed, saved, "one erased and nine changed");
    erase(&world, 11);
    world.release();
    assert_eq!(peers(&rows(&reader, "")), refreshed, "one erased");
    world.release_without(&[Rule::R17]);
    assert_ne!(peers(&rows(&reader, "")), refreshed);
    report(
        23,
        "one member erases its snapshots and three change; then six more change; then one more erases",
        "R17, R25",
        "only then, the tenth change with the erasure, the table is refreshed",
        "the last erasure alone shows",
    );
}
