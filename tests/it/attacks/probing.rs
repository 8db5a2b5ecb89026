//! A3: uploading again and again to read the peers' distribution off the own position. A15: reading again and again to
//! average the noise away. A22: watching for others' uploads.

use std::collections::BTreeMap;

use peerbench::domain::{attack::TechniqueId, calendar::Month};
use peerbench::environment::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::world::{Who, World, peers, rows, snapshot};
use crate::support::{Store, client::Client, on_both};

on_both!(
    the_own_upload_moves_nothing_but_the_own_side,
    reading_again_gives_the_same,
    others_uploads_do_not_show,
);

fn upload(reader: &Client, scale: &str, values: &BTreeMap<TechniqueId, u8>) {
    let period = Month::of(SystemClock.now()).unwrap().to_string();
    reader.post("/v1/snapshots", &snapshot(&period, scale, values)).expect(201);
}

/// The place of an own score among published quartiles, worked out from the row alone.
fn place(own: u64, peers: &Value) -> &'static str {
    let q = |name: &str| peers[name].as_u64().unwrap();
    let end = |name: &str, end: &str| peers["coded"][name] == end;
    let around = |name: &str| 2 * own.abs_diff(q(name)) <= 5;
    match own {
        own if own <= 10 && end("p25", "low") => "tied_low",
        own if own >= 90 && end("p75", "high") => "tied_high",
        _ if around("p50") => "around_p50",
        _ if around("p25") => "around_p25",
        _ if around("p75") => "around_p75",
        own if own < q("p25") => "below_p25",
        own if own < q("p50") => "p25_p50",
        own if own <= q("p75") => "p50_p75",
        _ => "above_p75",
    }
}

fn the_own_upload_moves_nothing_but_the_own_side(store: Store) {
    let world = World::new(store);
    let members: Vec<_> = (0..25).map(|number| world.member(number, &Who::default())).collect();
    world.publish().done();
    let reader = world.reader(&members[0]);
    let published = peers(&rows(&reader, ""));
    let techniques = world.techniques();
    let mut places = std::collections::BTreeSet::new();
    for score in 0..=100_u8 {
        upload(&reader, "percent/1", &techniques.iter().map(|id| (*id, score)).collect());
        let rows = rows(&reader, "");
        assert_eq!(peers(&rows), published, "after an upload of {score} everywhere");
        for row in rows.iter().filter(|row| row["position"].is_object()) {
            let own = row["own"]["score"].as_u64().unwrap();
            let expected = place(own, &row["peers"]);
            assert_eq!(row["position"]["band"], expected, "{row}");
            places.insert(expected);
        }
    }
    // The probe went through the whole range, so a rank that followed the own upload would have shown every step.
    assert!(places.len() >= 6, "{places:?}");
}

fn reading_again_gives_the_same(store: Store) {
    let mut world = World::new(store);
    let members: Vec<_> = (0..25).map(|number| world.member(number, &Who::default())).collect();
    world.publish().done();
    let (a, b) = (world.reader(&members[0]), world.reader(&members[1]));
    let mut tags = std::collections::BTreeSet::new();
    let mut table = None;
    for round in 0..4 {
        for _ in 0..125 {
            let answer = a.get("/v1/comparisons/techniques?limit=1").expect(200);
            tags.insert(answer.header("etag").unwrap().to_owned());
        }
        // Another member, another token, another process: the same table.
        for reader in [&a, &b] {
            let peers = peers(&rows(reader, ""));
            assert_eq!(*table.get_or_insert(peers.clone()), peers, "round {round}");
        }
        world.service.terminate();
        world.service.start_again();
    }
    assert_eq!(tags.len(), 1);
}

fn others_uploads_do_not_show(store: Store) {
    let world = World::with(store, &[("PEERBENCH_METRICS_LISTEN", "127.0.0.1:0")]);
    let members: Vec<_> = (0..25).map(|number| world.member(number, &Who::default())).collect();
    world.publish().done();
    let (a, b) = (world.reader(&members[0]), world.reader(&members[1]));
    let read = || {
        let lists = ["summary", "techniques", "technologies", "families", "tactics", "groups", "cells"];
        lists.map(|list| {
            let answer = a.get(&format!("/v1/comparisons/{list}")).expect(200);
            let changing = ["date", "x-request-id", "ratelimit", "ratelimit-policy"];
            let headers = answer.headers.iter().filter(|(name, _)| !changing.contains(&name.as_str()));
            let headers: BTreeMap<String, String> =
                headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
            (headers, answer.body)
        })
    };
    let before = read();
    let scores = [37, 73, 41];
    let techniques = world.techniques();
    upload(&b, "percent/1", &techniques.iter().copied().zip(scores.into_iter().cycle()).collect());
    assert!(read() == before, "an upload of another member changed an answer");
    // Nothing of what was uploaded stands in the log or in the figures.
    let (log, figures) = (world.service.log(), world.service.metrics().get("/metrics").expect(200).text());
    for id in &techniques {
        assert!(
            !log.contains(&id.to_string()) && !figures.contains(&id.to_string()),
            "{id} is in the log or figures"
        );
    }
    for text in ["percent/1", "microsoft.windows", members[1].as_str()] {
        assert!(!figures.contains(text), "{text} is in the figures");
    }
    // The own side of the other member did change, so an answer could have.
    let own = b.get("/v1/comparisons/techniques?coverage=few&limit=1000").expect(200).json();
    let own: Vec<&Value> = own["items"].as_array().unwrap().iter().map(|row| &row["own"]["score"]).collect();
    assert!(own.iter().all(|score| scores.iter().any(|known| **score == json!(known))
        || score.is_null()
        || **score == json!(0)));
}
