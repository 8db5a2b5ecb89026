//! Bodies: what is refused costs no more than reading it, and all of them together are bounded.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    Store,
    client::{Answer, Client},
    people::Profile,
    raw::Raw,
    server::Service,
};

const DECODED: usize = 4_194_304;

fn service() -> Service {
    Service::start_with(
        Store::Sqlite,
        &[
            ("PEERBENCH_HTTP_MAX_DECODED_BYTES", "4194304"),
            ("PEERBENCH_HTTP_DECODED_IN_FLIGHT_BYTES", "16777216"),
            ("PEERBENCH_HTTP_CONCURRENT_WORK", "4"),
            ("PEERBENCH_HTTP_WORKERS", "2"),
        ],
    )
}

/// A good snapshot, as large as snapshots get.
fn good(service: &Service) -> Vec<u8> {
    let http = service.anonymous();
    let ids = |path: &str, name: &str| -> Vec<String> {
        let mut all = Vec::new();
        let mut next = String::new();
        loop {
            let page = http.get(&format!("{path}?limit=1000{next}")).expect(200).json();
            let items = page["items"].as_array().unwrap().iter();
            all.extend(items.map(|item| item[name].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return all,
            }
        }
    };
    let techniques = ids("/v1/attack/19.0/techniques", "id");
    let technologies = ids("/v1/technologies", "id");
    let cells: Vec<Value> = technologies
        .iter()
        .flat_map(|technology| techniques.iter().map(move |technique| (technique, technology)))
        .map(|(technique, technology)| json!({"technique": technique, "technology": technology, "value": 1}))
        .take(20_000)
        .collect();
    let snapshot = json!({
        "schema": "coverage-snapshot/1", "period": "2026-10",
        "attack": {"domain": "enterprise-attack", "version": "19.0"},
        "producer": {"source": "sigma", "feed": 1, "adapter": "0.1.0"},
        "basis": "deployed", "scale": "rule-count/1", "technologies": technologies, "complete": [], "cells": cells,
    });
    snapshot.to_string().into_bytes()
}

/// A text of this size whose cells are made of `cell`, with a header that can be used.
fn hostile(size: usize, cell: impl Fn(usize) -> String) -> Vec<u8> {
    let mut text = String::from(
        r#"{"schema": "coverage-snapshot/1", "attack": {"domain": "enterprise-attack", "version": "19.0"},
        "scale": "rule-count/1", "technologies": ["microsoft.windows"], "cells": ["#,
    );
    for position in 0.. {
        let next = cell(position);
        if text.len() + next.len() + 4 > size {
            break;
        }
        if position > 0 {
            text.push(',');
        }
        text.push_str(&next);
    }
    text.push_str("]}");
    text.into_bytes()
}

fn check(http: &Client, coding: &str, body: Vec<u8>) -> Answer {
    let draft = http.request("POST", "/v1/snapshots/check").header("content-type", "application/json");
    draft.header("content-encoding", coding).body(body).send()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).unwrap()
}

#[test]
fn a_refused_body_costs_no_more_than_a_good_one_of_its_size() {
    let service = service();
    let http = service.member(&Profile::named("Acme")).http;
    let process = service.process();
    let text = good(&service);
    let packed = zstd(&text);
    assert!(text.len() > 1_000_000 && text.len() < packed.len() * 40, "{} {}", text.len(), packed.len());
    // The first request pays for what all later ones share.
    check(&http, "zstd", packed.clone()).expect(200);
    let (mut memory, mut time) = (0, 0);
    for _ in 0..3 {
        memory = process.growth(|| drop(check(&http, "zstd", packed.clone()).expect(200))).max(memory);
        time = process.time(|| drop(check(&http, "zstd", packed.clone()).expect(200))).max(time);
    }
    assert!(memory < 4 * u64::try_from(DECODED).unwrap(), "a good body took {memory} bytes");

    let nested = |_| format!("{}{}", "[".repeat(100), "]".repeat(100));
    let bodies: [(&str, Vec<u8>); 8] = [
        ("unknown members", hostile(text.len(), |_| r#"{"a":{}}"#.to_owned())),
        ("one unknown name after the other", hostile(text.len(), |n| format!(r#"{{"k{n}":{{}}}}"#))),
        ("many unknown names of one cell", {
            let names: Vec<String> = (0..text.len() / 12).map(|n| format!("\"k{n:06}\":1")).collect();
            hostile(text.len() * 2, |n| {
                if n == 0 { format!("{{{}}}", names.join(",")) } else { " ".repeat(text.len()) }
            })
        }),
        ("numbers", hostile(text.len(), |_| "1".to_owned())),
        ("nesting", hostile(text.len(), nested)),
        (
            "a long text",
            hostile(text.len(), |_| format!(r#"{{"technique":"{}"}}"#, "\\u0041".repeat(50_000))),
        ),
        ("a number without end", hostile(text.len(), |_| "9".repeat(300_000))),
        (
            "cells twice",
            hostile(text.len(), |_| {
                r#"{"technique":"T1059","technology":"microsoft.windows","value":1}"#.to_owned()
            }),
        ),
    ];
    for (name, body) in bodies {
        let refused = |answer: Answer| {
            assert!([400, 413, 422].contains(&answer.status), "{name}: {} {}", answer.status, answer.text());
            assert!(answer.body.len() < 100_000, "{name}: the answer has {} bytes", answer.body.len());
        };
        let took = process.growth(|| refused(check(&http, "identity", body.clone())));
        assert!(took < 4 * u64::try_from(DECODED).unwrap(), "{name}: {took} bytes, a good one {memory}");
        let ticks = process.time(|| refused(check(&http, "identity", body.clone())));
        assert!(ticks <= 3 * time + 10, "{name}: {ticks} ticks, a good one {time}");
    }
}

#[test]
fn a_bomb_is_refused_by_its_ratio_before_it_is_unpacked() {
    let service = service();
    let http = service.member(&Profile::named("Acme")).http;
    let process = service.process();
    let bomb = zstd(&hostile(DECODED, |_| r#"{"a":{}}"#.to_owned()));
    assert!(bomb.len() < 3_000, "{}", bomb.len());
    check(&http, "zstd", bomb.clone()).problem(413, "too-large");
    let plain = json!({});
    let small =
        process.time(|| (0..40).for_each(|_| drop(http.post("/v1/snapshots/check", &plain).expect(422))));
    let took = process.time(|| {
        (0..40).for_each(|_| drop(check(&http, "zstd", bomb.clone()).problem(413, "too-large")));
    });
    assert!(took <= 4 * small + 10, "40 bombs {took} ticks, 40 small refusals {small}");
}

#[test]
fn many_large_bodies_at_once_share_what_there_is() {
    let service = service();
    let members: Vec<Client> = ["A", "B", "C"].map(|name| service.member(&Profile::named(name)).http).into();
    let process = service.process();
    // Just below the ratio.
    let text = hostile(DECODED, |n| format!(r#"{{"k{:08x}":{{}}}}"#, n.wrapping_mul(0x9E37_79B9)));
    let packed = zstd(&text);
    let grown = process.growth(|| {
        thread::scope(|scope| {
            for http in members.iter().cycle().take(24) {
                let packed = packed.clone();
                scope.spawn(move || {
                    let answer = check(http, "zstd", packed);
                    match answer.status {
                        422 => drop(answer.problem(422, "invalid")),
                        _ => {
                            assert!(answer.header("retry-after").is_some(), "{}", answer.text());
                            answer.problem(503, "unavailable");
                        }
                    }
                });
            }
        });
    });
    // With what the allocator keeps for each thread.
    assert!(grown < 10 * 16_777_216, "{grown} bytes");
    for http in &members {
        assert_eq!(check(http, "zstd", packed.clone()).status, 422, "everything was given back");
    }
}

#[test]
fn what_is_announced_is_not_reserved() {
    let service = service();
    let member = service.member(&Profile::named("Acme"));
    let bearer = service.bearer(&member.credentials);
    let process = service.process();
    let open = |head: &str| -> Vec<Raw> {
        let one = || {
            let mut raw = Raw::connect(&service.base());
            raw.send(head.as_bytes());
            raw
        };
        std::iter::repeat_with(one).take(60).collect()
    };
    let long = format!(
        "POST /v1/snapshots/check HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {bearer}\r\n\
         content-type: application/json\r\ncontent-length: 4000000\r\n\r\n{{"
    );
    let grown = process.growth(|| {
        let held = open(&long);
        // An answer that comes after them says that they were read.
        member.http.get("/v1/snapshots").expect(200);
        drop(held);
    });
    assert!(grown < 60 * 100_000, "{grown} bytes for 60 connections");
    let mut form = Raw::connect(&service.base());
    form.send(
        b"POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
          content-length: 4000000\r\nconnection: close\r\n\r\n",
    );
    form.send(&vec![b'a'; 10_000]);
    assert!(form.some().starts_with("HTTP/1.1 413"), "nobody waits for the rest");
}

/// As simple clients do, which look for an answer only after they have sent everything.
#[test]
fn who_sends_everything_first_still_reads_why_it_was_refused() {
    let service = service();
    let mut raw = Raw::connect(&service.base());
    raw.send(
        b"POST /v1/comparisons/paths HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
          content-length: 40000000\r\nconnection: close\r\n\r\n",
    );
    let part = vec![b'a'; 1_000_000];
    for _ in 0..40 {
        raw.send(&part);
        thread::sleep(Duration::from_millis(5));
    }
    let answer = raw.rest();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.ends_with('}'), "{answer}");
}

#[test]
fn a_form_is_small_and_has_no_coding() {
    let service = service();
    let member = service.member(&Profile::named("Acme"));
    let anonymous = service.anonymous();
    let form = || {
        anonymous.request("POST", "/oauth/token").header("content-type", "application/x-www-form-urlencoded")
    };
    let good = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        member.credentials.id, member.credentials.secret
    );
    for coding in ["gzip", "zstd"] {
        let coded = form().header("content-encoding", coding).body(zstd(good.as_bytes())).send();
        assert_eq!(coded.header("accept-encoding"), Some("identity"));
        coded.problem(415, "unsupported-media-type");
    }
    form().header("content-encoding", "identity").body(good.clone()).send().expect(200);
    form().body(format!("{good}&padding={}", "x".repeat(9_000))).send().problem(413, "too-large");
    form().body(format!("{good}&padding={}", "x".repeat(7_000))).send().expect(200);
}

#[test]
fn only_snapshots_are_large() {
    let service = service();
    let (member, operator) = (service.member(&Profile::named("Acme")), service.operator());
    let names: Vec<String> = (0..20_000).map(|n| format!("\"k{n:06}\":1")).collect();
    let large = format!("{{{}}}", names.join(","));
    for (http, method, path) in [
        (&member.http, "PATCH", "/v1/organisation"),
        (&member.http, "POST", "/v1/organisation/clients"),
        (&operator, "POST", "/v1/admin/organisations"),
        (&operator, "POST", "/v1/admin/quarantine/clear"),
    ] {
        let draft = || http.request(method, path).header("content-type", "application/json");
        draft().body(large.clone()).send().problem(413, "too-large");
        let packed = draft().header("content-encoding", "zstd").body(zstd(large.as_bytes()));
        packed.send().problem(413, "too-large");
        draft().body(format!("{{{}}}", names[..5_000].join(","))).send().problem(422, "invalid");
    }
}
