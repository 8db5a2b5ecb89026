//! The hot paths over HTTP, each against the least that could do the same, in turns in one run:
//!
//! * `reads`: a comparison of all parent techniques from the answer cache, against actix serving the same bytes from memory;
//! * `first`: the same comparison before it is in the cache;
//! * `views`: each view of the page, made anew and from the cache, against the same bytes from memory;
//! * `trend`: a measure over 24 releases, each time another one, against the cached comparison;
//! * `depth`: gaps, what-if and the fewest changes of a member with 1,000 cells, none of them in the cache, against the cached
//!   comparison;
//! * `uploads`: an upload of 1,000 cells, against the bare durable insert of the same row in the same database;
//! * `release`: cached reads while releases of 2,000 organisations are computed, against the same reads without;
//! * `soak`, only where it is named: good requests beside hostile ones, for ten minutes, against the good ones alone.
//!
//! `cargo bench --bench http -- reads` measures one of them; `-- profile` does nothing but cached reads, for a profiler. The best of several turns is said: others on the machine only
//! ever make it slower.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

#[path = "http/bed.rs"]
mod bed;
#[path = "support/embedded.rs"]
mod embedded;
#[path = "../tests/it/support/in_process.rs"]
mod in_process;
#[path = "http/load.rs"]
mod load;
#[path = "../tests/it/support/settled.rs"]
mod settled;
#[path = "http/soak.rs"]
mod soak;
#[path = "http/views.rs"]
mod views;

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bed::{Bed, CELLS, bed, bed_over, large_snapshot, start_static};
use load::{Connection, ask, better, compare, drive, request, requests, say};
use peerbench::{
    app::{App, low_priority::at_low_priority, publish_release::publish_release},
    domain::{
        access::ClientId,
        calendar::Month,
        snapshot::{self, SnapshotId},
    },
    environment::{Clock as _, SystemClock},
    store::{self, StoreError},
};
use serde_json::Value;

const TURNS: usize = 5;
const TURN: Duration = Duration::from_secs(2);

/// All parent techniques of a member, as one request.
fn techniques(bed: &Bed, coding: Option<&str>, limit: usize) -> String {
    let coding = coding.map_or(String::new(), |coding| format!("accept-encoding: {coding}\r\n"));
    format!(
        "GET /v1/comparisons/techniques?sort=id&limit={limit} HTTP/1.1\r\n{coding}authorization: Bearer {}\r\n",
        bed.token
    )
}

fn reads(bed: &Bed) {
    for coding in [None, Some("gzip")] {
        let head = techniques(bed, coding, 1000);
        let answer = ask(bed.address, &head, b"", 200);
        assert_eq!(answer.head.contains("content-encoding: gzip"), coding.is_some(), "{}", answer.head);
        let size = answer.body.len();
        let address = start_static(answer.body, coding);
        let (ours, theirs) = (request(&head, b""), request("GET /static HTTP/1.1\r\n", b""));
        for connections in [1, 8] {
            let (mut served, mut reference) = (None, None);
            for _ in 0..TURNS {
                reference = Some(better(reference, requests(address, &theirs, 200, connections, TURN)));
                served = Some(better(served, requests(bed.address, &ours, 200, connections, TURN)));
            }
            let (served, reference) = (served.unwrap(), reference.unwrap());
            let name = format!("{size} bytes ({}), {connections} connections", coding.unwrap_or("identity"));
            say(&format!("actix from memory, {name}"), reference);
            say(&format!("cached comparison, {name}"), served);
            compare(served, reference);
        }
    }
}

/// Each limit is another question, so none of them is in the cache.
fn first(bed: &Bed) {
    for coding in [None, Some("gzip")] {
        let mut question = 0;
        let mut connection = Connection::open(bed.address);
        let token = bed.token.clone();
        let one = || {
            question += 1;
            let (limit, sort) = (1000 - question / 4, ["id", "own", "peers", "distance"][question % 4]);
            let coding = coding.map_or(String::new(), |coding| format!("accept-encoding: {coding}\r\n"));
            let head = format!(
                "GET /v1/comparisons/techniques?sort={sort}&limit={limit} HTTP/1.1\r\n{coding}authorization: Bearer {token}\r\n"
            );
            connection.send(&request(&head, b""));
            assert_eq!(connection.status(), b"200");
        };
        let figures = drive(vec![one], Duration::from_secs(1));
        say(&format!("first, uncached comparison ({})", coding.unwrap_or("identity")), figures);
    }
}

/// Releases of the trend.
const RELEASES: u32 = 24;

/// Each question is another one, so none of them is in the answer cache; the releases are in memory.
fn trend() {
    let bed = bed_over(60, RELEASES);
    let cached = request(&techniques(&bed, None, 1000), b"");
    let facts = bed.app.attack().facts.clone().unwrap();
    let techniques: Vec<String> =
        facts.parents().iter().map(|parent| format!("technique:{}", parent.id)).collect();
    let groups = facts.groups().iter().map(|(id, _)| format!("group:{id}"));
    let tactics = facts.catalogue().tactics().iter().map(|tactic| format!("tactic:{}", tactic.short_name));
    let measures: Vec<String> = techniques.into_iter().chain(groups).chain(tactics).collect();
    let mut connection = Connection::open(bed.address);
    let mut question = 0;
    let token = bed.token.clone();
    let one = || {
        question += 1;
        // With the column and the range as well, there are more questions than a turn asks.
        let (measure, from) = (&measures[question % measures.len()], question / measures.len() % 20 + 1);
        let head = format!(
            "GET /v1/comparisons/trend?measure={measure}&from={}&to={RELEASES} HTTP/1.1\r\nauthorization: Bearer {token}\r\n",
            from,
        );
        connection.send(&request(&head, b""));
        assert_eq!(connection.status(), b"200");
    };
    let reference = requests(bed.address, &cached, 200, 1, TURN);
    let figures = drive(vec![one], Duration::from_secs(1));
    say("cached comparison", reference);
    say(&format!("trend over {RELEASES} releases, another measure each time"), figures);
    compare(figures, reference);
}

/// Each limit, number of rules or target is another question, so none of them is in the cache.
fn depth(bed: &Bed) {
    let body = serde_json::to_vec(&large_snapshot(&bed.app)).unwrap();
    let authorised = format!("authorization: Bearer {}\r\n", bed.token);
    let upload =
        format!("POST /v1/snapshots?replace=true HTTP/1.1\r\ncontent-type: application/json\r\n{authorised}");
    ask(bed.address, &upload, &body, 201);
    let cached = request(&techniques(bed, None, 1000), b"");
    let (mut best, mut gaps, mut what_if, mut fewest) = (None, None, None, None);
    let mut question = 0;
    for _ in 0..TURNS {
        best = Some(better(best, requests(bed.address, &cached, 200, 1, TURN)));
        let mut turn = |figures: &mut Option<_>, ask: &(dyn Fn(usize) -> Vec<u8> + Sync)| {
            let mut connection = Connection::open(bed.address);
            let one = || {
                question += 1;
                connection.send(&ask(question));
                assert_eq!(connection.status(), b"200");
            };
            *figures = Some(better(figures.take(), drive(vec![one], Duration::from_secs(1))));
        };
        turn(&mut gaps, &|question| {
            let (points, limit) = (question % 100, 1000 - question / 100 % 900);
            let path = format!("/v1/comparisons/gaps?min_distance={points}&limit={limit}");
            request(&format!("GET {path} HTTP/1.1\r\n{authorised}"), b"")
        });
        turn(&mut what_if, &|question| {
            let count = question % 20 + 1;
            let body = format!(
                "{{\"add\": [{{\"technique\": \"T1190\", \"technology\": \"microsoft.windows\", \"count\": {count}}}]}}"
            );
            let head = "POST /v1/comparisons/what-if HTTP/1.1\r\ncontent-type: application/json\r\n";
            request(&format!("{head}{authorised}"), body.as_bytes())
        });
        turn(&mut fewest, &|question| {
            let tactic = ["execution", "persistence", "discovery", "impact"][question % 4];
            let path = format!(
                "/v1/comparisons/fewest-changes?measure=tactic:{tactic}&target={}",
                question / 4 % 101
            );
            request(&format!("GET {path} HTTP/1.1\r\n{authorised}"), b"")
        });
    }
    let best = best.unwrap();
    say("cached comparison, 1 connection", best);
    for (name, figures) in [("gaps", gaps), ("what-if", what_if), ("fewest changes", fewest)] {
        let figures = figures.unwrap();
        say(&format!("{name} of a member with {CELLS} more cells, not in the cache"), figures);
        compare(figures, best);
    }
}

fn uploads(bed: &Bed) {
    let body = serde_json::to_vec(&large_snapshot(&bed.app)).unwrap();
    let head = format!(
        "POST /v1/snapshots HTTP/1.1\r\ncontent-type: application/json\r\nauthorization: Bearer {}\r\n",
        bed.token
    );
    let answer: Value = serde_json::from_slice(&ask(bed.address, &head, &body, 201).body).unwrap();
    let id = SnapshotId::new(answer["snapshot"]["id"].as_str().unwrap());
    let stored = bed.app.db.read(|conn| store::snapshot::get(conn, &bed.member, &id)).unwrap().unwrap();
    let ours = request(&head, &body);
    let insert = || {
        let mut row = stored.clone();
        row.id = SnapshotId::new(bed.app.new_id());
        let inserted = bed.app.db.write("bench", |conn| {
            store::snapshot::insert(conn, &bed.member, &row)?;
            Ok::<_, StoreError>(())
        });
        inserted.unwrap();
    };
    for connections in [1, 8] {
        let (mut served, mut reference) = (None, None);
        for _ in 0..TURNS {
            reference = Some(better(reference, drive(vec![insert; connections], TURN)));
            served = Some(better(served, requests(bed.address, &ours, 201, connections, TURN)));
        }
        let (served, reference) = (served.unwrap(), reference.unwrap());
        let name = format!("{CELLS} cells, {} bytes of JSON, {connections} at once", body.len());
        say(&format!("bare durable insert, {connections} at once"), reference);
        say(&format!("upload, {name}"), served);
        compare(served, reference);
    }
    let attack = bed.app.attack();
    let current = Month::of(SystemClock.now()).unwrap();
    let parse = || {
        let context =
            snapshot::Context { catalogues: &attack.catalogues, registry: &bed.app.registry, current };
        black_box(snapshot::parse(&body, context).unwrap());
    };
    say("part of an upload: parsing and checking alone", drive(vec![parse], TURN));
}

fn release() {
    let bed = bed(2_000);
    let ours = request(&techniques(&bed, None, 1000), b"");
    let done = Arc::new(AtomicBool::new(false));
    let (mut idle, mut busy) = (None, None);
    for _ in 0..TURNS {
        idle = Some(better(idle, requests(bed.address, &ours, 200, 2, TURN)));
        done.store(false, Ordering::Relaxed);
        let publishing = {
            let (app, done) = (Arc::clone(&bed.app), Arc::clone(&done));
            thread::spawn(move || {
                let (began, mut releases) = (Instant::now(), 0_u32);
                while !done.load(Ordering::Relaxed) {
                    publish(&app);
                    releases += 1;
                }
                began.elapsed() / releases
            })
        };
        busy = Some(better(busy, requests(bed.address, &ours, 200, 2, TURN * 3)));
        done.store(true, Ordering::Relaxed);
        println!("a release beside the reads took {:.3?}", publishing.join().unwrap());
    }
    let (idle, busy) = (idle.unwrap(), busy.unwrap());
    say("cached comparison, 2 connections, idle", idle);
    say("cached comparison, 2 connections, while releases are computed", busy);
    compare(busy, idle);
}

fn publish(app: &App) {
    at_low_priority(|| publish_release(app, &ClientId::new("bench"), None)).unwrap();
}

fn main() {
    let asked = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| asked.as_deref().is_none_or(|asked| asked == name);
    if ["reads", "first", "views", "depth", "uploads"].into_iter().any(wanted) {
        let bed = bed(60);
        if wanted("reads") {
            reads(&bed);
        }
        if wanted("first") {
            first(&bed);
        }
        if wanted("views") {
            views::views(&bed);
        }
        if wanted("uploads") {
            uploads(&bed);
        }
        // Last, because it changes what the member has.
        if wanted("depth") {
            depth(&bed);
        }
    }
    if wanted("trend") {
        trend();
    }
    if asked.as_deref() == Some("profile") {
        let bed = bed(60);
        let ours = request(&techniques(&bed, Some("gzip"), 1000), b"");
        say("cached comparison", requests(bed.address, &ours, 200, 8, TURN * 5));
    }
    if asked.as_deref() == Some("soak") {
        soak::soak(&bed(60));
    }
    if wanted("release") {
        release();
    }
}
