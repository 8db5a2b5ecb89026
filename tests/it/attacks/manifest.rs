//! A29: what the manifest and the proofs of one's own tables tell about the tables of others.

use std::collections::BTreeSet;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use peerbench::domain::{
    organisation::OrganisationId,
    release::{Hash, Proof},
};
use serde_json::Value;

use super::{
    report::report,
    world::{Who, World},
};
use crate::support::{Store, client::Client, on_both};

on_both!(a_manifest_tells_nothing_of_other_cohorts);

/// 25 of finance, and so many of health; one reader of each.
fn published(store: Store, health: usize) -> (World, OrganisationId, OrganisationId) {
    let world = World::new(store);
    let of = |sector, numbers: std::ops::Range<usize>| {
        let members = numbers.map(|number| world.member(number, &Who { sector, ..Who::default() }));
        members.collect::<Vec<_>>().swap_remove(0)
    };
    let (finance, of_health) = (of("finance", 0..25), of("health", 25..25 + health));
    world.publish().done();
    (world, finance, of_health)
}

fn release(reader: &Client) -> Value {
    reader.get("/v1/releases/1").expect(200).json()
}

fn manifest(release: &Value) -> Value {
    let body = release["manifest"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

/// The names of a value's members, all the way down, and the lengths of its lists and hashes.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(text) => text.len().into(),
        Value::Number(_) => "number".into(),
        other => other.clone(),
    }
}

fn proof(release: &Value, cohort: &str) -> Option<Proof> {
    let table = release["tables"].as_array().unwrap().iter().find(|table| table["cohort"] == cohort)?;
    Some(serde_json::from_value(table.clone()).unwrap())
}

fn a_manifest_tells_nothing_of_other_cohorts(store: Store) {
    let (world, finance, health) = published(store, 25);
    let (reader, neighbour) = (world.reader(&finance), world.reader(&health));
    let (own, theirs) = (release(&reader), release(&neighbour));
    let said = own.to_string();
    assert!(!said.contains("health") && said.contains("sector:finance"), "{said}");
    let claims: BTreeSet<String> = manifest(&own).as_object().unwrap().keys().cloned().collect();
    let known = ["attack", "catalogue", "cut_off", "iss", "parameters", "release", "tables"];
    assert_eq!(claims, known.map(str::to_owned).into());

    // Which other cohorts there are: in a community where health is too small, everything but the hashes is the same.
    let (other, finance, _) = published(store, 15);
    let without = release(&other.reader(&finance));
    assert_eq!(shape(&without["tables"]), shape(&own["tables"]));
    assert_eq!(shape(&manifest(&without)), shape(&manifest(&own)));

    // A guess of the neighbours' table, which is correct byte for byte here.
    let path = "/v1/admin/releases/1/tables/sector:health";
    let table = world.service.operator().get(path).expect(200).body;
    reader.get("/v1/releases/1/tables/sector:health").problem(404, "not-found");
    let root: Hash = manifest(&own)["tables"].as_str().unwrap().parse().unwrap();
    let leads = |proof: &Proof| proof.root(1, "deployed", "sector:health", &table) == root;
    let held: Vec<Proof> =
        ["all", "sector:finance"].iter().filter_map(|own_table| proof(&own, own_table)).collect();
    assert_eq!(held.len(), 2);
    let hashes: BTreeSet<Hash> = held.iter().flat_map(|proof| &proof.path).copied().collect();
    for proof in &held {
        for position in 0..512 {
            assert!(!leads(&Proof { position, ..proof.clone() }), "a salt of another table confirms a guess");
        }
        // Nor is the guess any of the neighbours that came with the own proofs.
        let leaf = Proof { path: Vec::new(), ..proof.clone() }.root(1, "deployed", "sector:health", &table);
        assert!(!hashes.contains(&leaf));
    }
    // The counter-test: with the salt that its members have, the same bytes are confirmed.
    assert!(leads(&proof(&theirs, "sector:health").unwrap()));
    assert_eq!(neighbour.get("/v1/releases/1/tables/sector:health").expect(200).body, table);
    report(
        29,
        "a member of one sector, with the manifest and its own proofs, looks for the other cohorts and confirms a \
         guess of their table that is correct byte for byte",
        "R30",
        "the manifest is the same whatever other cohorts there are; no salt or hash that it has confirms the guess",
        "with the salt that its members get, the guess is confirmed",
    );
}
