//! Bodies: bounded as sent and after decompression, gzip and zstd, and nothing else.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::sample::snapshot;
use crate::support::{Store, client::Draft, people::Profile, server::Service};

const LIMITS: [(&str, &str); 2] =
    [("PEERBENCH_HTTP_MAX_BODY_BYTES", "20000"), ("PEERBENCH_HTTP_MAX_DECODED_BYTES", "40000")];

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_bodies_are_read_and_bombs_are_not() {
    let service = Service::start_with(Store::Sqlite, &LIMITS);
    let member = service.member(&Profile::named("Acme"));
    let post = |coding: &'static str| -> Draft<'_> {
        let draft = member.http.request("POST", "/v1/snapshots").header("content-type", "application/json");
        draft.header("content-encoding", coding)
    };
    let text = snapshot().to_string().into_bytes();
    post("gzip").body(gzip(&text)).send().expect(201);
    post("zstd").body(zstd::encode_all(text.as_slice(), 3).unwrap()).send().expect(201);
    post("identity").body(text.clone()).send().expect(201);

    let bomb = vec![b' '; 30_000_000];
    for (coding, packed) in [("gzip", gzip(&bomb)), ("zstd", zstd::encode_all(bomb.as_slice(), 19).unwrap())]
    {
        // What is larger than the limit as sent would be refused for that.
        let packed = if packed.len() < 20_000 { packed } else { gzip(&vec![b' '; 5_000_000]) };
        assert!(packed.len() < 20_000, "{}", packed.len());
        post(coding).body(packed).send().problem(413, "too-large");
    }
    post("gzip").body(text.clone()).send().problem(400, "malformed-body");
    post("gzip").body(gzip(&text)[..50].to_vec()).send().problem(400, "malformed-body");
    let unknown = post("br").body(text).send();
    assert!(unknown.header("accept-encoding").unwrap().contains("zstd"));
    unknown.problem(415, "unsupported-media-type");
    assert_eq!(member.http.get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap().len(), 3);
}

#[test]
fn a_body_that_is_too_large_is_refused_with_and_without_its_length() {
    let service = Service::start_with(Store::Sqlite, &LIMITS);
    let member = service.member(&Profile::named("Acme"));
    let large = " ".repeat(25_000);
    let sent = member
        .http
        .request("POST", "/v1/snapshots")
        .header("content-type", "application/json")
        .body(large.clone());
    sent.send().problem(413, "too-large");
    let anonymous = service.anonymous();
    let form = anonymous.request("POST", "/oauth/token");
    form.header("content-type", "application/x-www-form-urlencoded")
        .body(large)
        .send()
        .problem(413, "too-large");
    assert_eq!(member.http.get("/v1/snapshots").expect(200).json()["items"], json!([]));
}

/// Nobody without a token makes the service read a body, whatever it says of its size.
#[test]
fn who_may_not_call_is_refused_before_the_body_is_looked_at() {
    let service = Service::start_with(Store::Sqlite, &LIMITS);
    for _ in 0..20 {
        let anonymous = service.anonymous();
        let draft = anonymous.request("POST", "/v1/snapshots").header("content-type", "application/json");
        draft.body(" ".repeat(30_000)).send().problem(401, "unauthenticated");
    }
}
