//! A3: uploading again and again to read the peers' distribution off the own position. A15: reading again and again to
//! average the noise away. A22: watching for others' uploads.

use std::collections::{BTreeMap, BTreeSet};

use peerbench::domain::{attack::TechniqueId, calendar::Month, scale::Scale};
use peerbench::environment::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::{
    fixture::Fixture,
    pure::{Chain, Community, default, quartiles},
    report::report,
    world::{Who, World, peers, rows, snapshot, typical},
};
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
    let mut places = BTreeSet::new();
    // What the estimates of one technique's percentile give, and what a rank among the live scores would.
    let is_half = |id: &&TechniqueId| {
        published.iter().any(|row| row["technique"] == id.to_string() && row["peers"]["coverage"] == "half")
    };
    let technique = *techniques.iter().find(is_half).unwrap();
    let others: Vec<u8> = (1..25).map(|number| score_of(number, &techniques, technique)).collect();
    let (mut estimated, mut live) = (Vec::new(), Vec::new());
    for score in 0..=100_u8 {
        upload(&reader, "percent/1", &techniques.iter().map(|id| (*id, score)).collect());
        let rows = rows(&reader, "");
        assert_eq!(peers(&rows), published, "after an upload of {score} everywhere");
        for row in rows.iter().filter(|row| row["position"].is_object()) {
            let own = row["own"]["score"].as_u64().unwrap();
            let expected = place(own, &row["peers"]);
            assert_eq!(row["position"]["band"], expected, "{row}");
            places.insert(expected);
            if row["technique"] == technique.to_string() {
                let members = ["percentile_estimate", "percentile_at_most", "percentile_at_least"];
                let percent = members.iter().find_map(|member| row["position"][member].as_u64()).unwrap();
                estimated.push((percent as usize * others.len() + 50) / 100);
            }
        }
        live.push(others.iter().filter(|other| **other <= score).count());
    }
    // The probe went through the whole range, so a rank that followed the own upload would have shown every step.
    assert!(places.len() >= 6, "{places:?}");
    let histogram = (0..=100).map(|score| others.iter().filter(|other| **other == score).count());
    let histogram: Vec<usize> = histogram.collect();
    assert_eq!(steps(&live), histogram, "a live rank tells every score");
    assert_ne!(steps(&estimated), histogram);
    report(
        3,
        "101 uploads, every cell from 0 to 100; the table and the position are read after each",
        "R20, R21",
        "the table stays; each position is the one worked out from it, and its steps are not the others' histogram",
        "from a rank among the live scores the histogram is read exactly",
    );
}

/// How many more at each score than at the one below.
fn steps(cumulative: &[usize]) -> Vec<usize> {
    let before = std::iter::once(&0).chain(cumulative);
    cumulative.iter().zip(before).map(|(now, before)| now.saturating_sub(*before)).collect()
}

/// The score that a member of the world has.
fn score_of(number: usize, techniques: &[TechniqueId], technique: TechniqueId) -> u8 {
    let rules = typical(number, techniques)[&technique];
    Scale::RuleCount.score(i8::try_from(rules).unwrap()).unwrap().get()
}

fn reading_again_gives_the_same(store: Store) {
    let mut world = World::new(store);
    let members: Vec<_> = (0..25).map(|number| world.member(number, &Who::default())).collect();
    world.publish().done();
    let replica = world.service.replica();
    let a = world.reader(&members[0]);
    let b = world.reader(&members[1]).at(&replica.anonymous());
    let mut bodies = [BTreeSet::new(), BTreeSet::new()];
    let mut table = None;
    for round in 0..4 {
        for (reader, bodies) in [&a, &b].into_iter().zip(&mut bodies) {
            for _ in 0..125 {
                let answer = reader.get("/v1/comparisons/techniques?limit=1").expect(200);
                bodies.insert((answer.header("etag").unwrap().to_owned(), answer.body));
            }
            // Another member, another token, another process: the same table.
            let peers = peers(&rows(reader, ""));
            assert_eq!(*table.get_or_insert(peers.clone()), peers, "round {round}");
        }
        world.service.terminate();
        world.service.start_again();
    }
    assert_eq!(bodies.map(|bodies| bodies.len()), [1, 1]);
    // Everybody is in the same sector, size and region and has the same technology: one list under twelve names.
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for cohort in ["all", "sector:finance", "size:medium", "region:europe"] {
        for column in ["any", "endpoint", "microsoft.windows"] {
            let rows = rows(&a, &format!("&cohort={cohort}&column={column}"));
            for row in rows.iter().filter(|row| row["peers"]["status"] == "released") {
                let quartiles = json!([row["peers"]["p25"], row["peers"]["p50"], row["peers"]["p75"]]);
                shown.entry(row["technique"].to_string()).or_default().insert(quartiles.to_string());
            }
        }
    }
    assert!(shown.len() >= 40 && shown.values().all(|shown| shown.len() == 1), "{shown:?}");
    let community = Community::of(Fixture::new(15).members(25));
    let with_key = |key| Chain::new(key).publish(&community, &default()).iter().map(quartiles).collect();
    let keys: Vec<Vec<[i32; 3]>> = (0..20).map(with_key).collect();
    let moving = (0..40).filter(|cell| keys.iter().any(|shown| shown[*cell] != keys[0][*cell])).count();
    assert!(moving > 20, "{moving}");
    report(
        15,
        "one cell is read 1,000 times by two members at two servers, one of which restarts each 250 reads; the same list \
         is read in four cohorts and three columns",
        "R14, R20",
        "each reader has one body and one ETag; the quartiles are the same everywhere",
        &format!("with a key per read {moving} of 40 cells move, and could be averaged"),
    );
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
    report(
        22,
        "another member uploads between two reads of everything; its scores are looked for in the log and the metrics",
        "R8, R24",
        "the same bytes and headers; no technique, scale or organisation in either",
        "its own side did change",
    );
}
