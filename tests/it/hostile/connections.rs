//! Connections: how many one address has, how long an answer may wait for its reader, and what is no HTTP at all.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::support::{Store, people::Profile, raw::Raw, server::Service};

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn one_address_has_a_bounded_number_of_connections() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_HTTP_CONNECTIONS_PER_ADDRESS", "8")]);
    let ask = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
    let sockets = service.process().sockets();
    // What was used to wait for the service is gone after a while.
    until("the sockets settle", || service.process().sockets() <= sockets);
    let mut held: Vec<Raw> = Vec::new();
    let mut refused = 0;
    for _ in 0..20 {
        let mut raw = Raw::connect(&service.base());
        raw.send(ask);
        if raw.some().starts_with("HTTP/1.1 200") {
            held.push(raw);
        } else {
            refused += 1;
        }
    }
    assert!((6..=8).contains(&held.len()) && refused >= 12, "{} held, {refused} refused", held.len());
    drop(held);
    until("places are given back", || {
        let mut raw = Raw::connect(&service.base());
        raw.send(ask);
        raw.some().starts_with("HTTP/1.1 200")
    });
}

#[test]
fn who_does_not_read_is_left_alone_after_a_while_and_costs_little() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_HTTP_WRITE_SECONDS", "2")]);
    let process = service.process();
    let ask = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    service.anonymous().get("/openapi.json").expect(200);
    let sockets = process.sockets();
    let mut held = Vec::new();
    let grown = process.growth(|| {
        for _ in 0..30 {
            let mut raw = Raw::connect(&service.base());
            raw.send(ask.as_bytes());
            held.push(raw);
        }
        until("slow readers are closed", || process.sockets() <= sockets);
    });
    assert!(grown < 30 * 1_000_000, "{grown} bytes for 30 connections");
    // Who reads gets everything.
    let mut reader = Raw::connect(&service.base());
    reader.send("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(15).as_bytes());
    reader.send(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert_eq!(reader.rest().matches("HTTP/1.1 200 OK").count(), 16);
}

/// What the parser refuses is answered with a status and no body: there is no request that a problem could be about.
#[test]
fn what_is_no_http_is_refused_without_a_noise() {
    let service = Service::start(Store::Sqlite);
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(200_000));
    let headers = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(20_000));
    for bytes in [
        "\r\n\r\n\0\u{1}garbage\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nhost x\r\n\r\n",
        "GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        &long,
        &headers,
    ] {
        let mut raw = Raw::connect(&service.base());
        raw.send(bytes.as_bytes());
        let answer = raw.rest();
        let status = answer.lines().next().unwrap_or_default().to_owned();
        assert!(status.is_empty() || status.starts_with("HTTP/1.1 4"), "{bytes:.40}: {answer:.200}");
    }
    let log = service.log();
    assert!(!log.contains("ERROR"), "{log:.2000}");
    service.anonymous().get("/health/live").expect(200);
}

#[test]
fn a_log_line_is_short_whatever_is_sent() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_RATE_LIMIT_PER_ADDRESS", "2")]);
    let member = service.member(&Profile::named("Acme"));
    for _ in 0..4 {
        let mut raw = Raw::connect(&service.base());
        let method = "M".repeat(60_000);
        raw.send(format!("{method} /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes());
        raw.rest();
    }
    let path = format!("/v1/snapshots?cursor={}", "a".repeat(20_000));
    let _ = member.http.request("GET", &path).header("x-request-id", &"i".repeat(20_000)).send();
    let log = service.log();
    let longest = log.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < 1_000, "{longest} characters");
    assert!(log.contains("method=\"other\""), "{log:.3000}");
}

#[test]
fn a_large_answer_for_everyone_costs_what_a_small_one_does() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous().undocumented();
    let process = service.process();
    let ask = |path: &str| {
        (0..60).for_each(|_| {
            http.request("GET", path).header("accept-encoding", "gzip").send().expect(200);
        });
    };
    let small = process.time(|| ask("/v1/scales"));
    for path in
        ["/v1/attack/19.2/catalogue", "/v1/attack/versions", "/openapi.json", "/docs/swagger-ui-bundle.js"]
    {
        http.get(path).expect(200);
        let large = process.time(|| ask(path));
        assert!(large <= 3 * small + 20, "{path} took {large} ticks, a small answer {small}");
    }
}
