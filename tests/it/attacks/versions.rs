//! A24: two releases under different ATT&CK versions, the second of which renumbers techniques.

use std::collections::BTreeMap;

use peerbench::{
    domain::{attack::TechniqueId, release::Rule},
    store::catalogue::set_enabled,
};
use serde_json::Value;

use super::{
    report::report,
    world::{Who, World},
};
use crate::support::{Store, client::Client, on_both};

on_both!(a_new_attack_version_shows_no_change);

/// What 18.1 calls them, and what 19.0 does: renumbered and nothing else.
const RENUMBERED: [(&str, &str); 4] =
    [("T1070.001", "T1685.005"), ("T1562.002", "T1685.001"), ("T1562.009", "T1688"), ("T1562.010", "T1689")];

/// Lets releases use ATT&CK 19.0, or only the version before.
fn enable_19(world: &World, enabled: bool) {
    for (version, enabled) in [("19.0", enabled), ("19.1", false), ("19.2", false)] {
        let version = version.parse().unwrap();
        world.app.db.write("enable", |conn| set_enabled(conn, version, enabled)).unwrap();
    }
    world.app.refresh_attack().unwrap();
}

/// The peers' cells of these techniques.
fn cells(reader: &Client, ids: impl IntoIterator<Item = &'static str>) -> Vec<Value> {
    let mut rows = Vec::new();
    for query in ["granularity=sub", "granularity=sub&coverage=few", "granularity=parent", "coverage=few"] {
        let path = format!("/v1/comparisons/techniques?limit=1000&{query}");
        rows.extend(reader.get(&path).expect(200).json()["items"].as_array().unwrap().clone());
    }
    let of = |id| rows.iter().find(|row| row["technique"] == id).unwrap()["peers"].clone();
    ids.into_iter().map(of).collect()
}

fn a_new_attack_version_shows_no_change(store: Store) {
    let mut world = World::new(store);
    enable_19(&world, false);
    // Every score from 0 to 100 in steps of five, differently distributed in each technique.
    let scores = |number: u8| -> BTreeMap<TechniqueId, u8> {
        let score = |position: u8| (number * (position + 1) * 2 + number) % 21 * 5;
        RENUMBERED
            .iter()
            .zip(0..)
            .map(|((old, _), position)| (old.parse().unwrap(), score(position)))
            .collect()
    };
    let upload = |world: &World, organisation, scores: &BTreeMap<TechniqueId, u8>| {
        let mut snapshot = world.snapshot(scores);
        snapshot["attack"]["version"] = "18.1".into();
        snapshot["scale"] = "percent/1".into();
        world.upload_snapshot(organisation, &snapshot);
    };
    let members: Vec<_> = (0..21).map(|_| world.organisation(&Who::default())).collect();
    members.iter().zip(0..).for_each(|(organisation, number)| upload(&world, organisation, &scores(number)));
    world.release();
    let reader = world.reader(&members[0]);
    let before = cells(&reader, RENUMBERED.map(|(old, _)| old));
    assert!(before.iter().all(|cell| cell["p50"].is_u64()), "{before:?}");
    let version = || reader.get("/v1/comparisons/summary").expect(200).json()["release"]["attack"].clone();
    assert_eq!(version(), "18.1");
    // One changes; the next release is in the next version.
    let changed = scores(1).into_iter().map(|(id, score)| (id, (score + 50) % 101)).collect();
    upload(&world, &members[1], &changed);
    enable_19(&world, true);
    world.release();
    assert_eq!(version(), "19.0");
    let now = || cells(&reader, RENUMBERED.map(|(_, new)| new));
    assert_eq!(now(), before);
    world.release_without(&[Rule::R17]);
    assert_ne!(now(), before);
    report(
        24,
        "a release in ATT&CK 18.1, one change, a release in 19.0, which renumbered `T1070.001`, `T1562.002`, `T1562.009` \
         and `T1562.010`",
        "R4, R17",
        "their cells under the new ids are the same",
        "the one change shows",
    );
}
