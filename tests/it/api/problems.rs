//! Every answer that is no success is a problem document with the request's id, the framework's own answers included.

use serde_json::json;

use super::sample::snapshot;
use crate::support::{Store, people::Profile, server::Service};

#[test]
fn what_is_not_there_and_what_is_not_possible() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    http.get("/nowhere").problem(404, "not-found");
    http.get("/v1/attack/99.9/techniques").problem(404, "not-found");
    http.get("/v1/schemas/other.json").problem(404, "not-found");
    http.get("/docs/nothing.js").problem(404, "not-found");
    for (method, path, allow) in [
        ("DELETE", "/v1/scales", "GET, HEAD"),
        ("GET", "/v1/snapshots/check", "GET, HEAD, DELETE"),
        ("PUT", "/v1/snapshots", "GET, HEAD, POST"),
        ("POST", "/health/live", "GET, HEAD"),
        ("GET", "/oauth/token", "POST"),
        ("PATCH", "/v1/snapshots/01a20bd7-6820-7085-91c7-d703078d34cd", "GET, HEAD, DELETE"),
    ] {
        if (method, path) == ("GET", "/v1/snapshots/check") {
            // `check` could be an id here, so this is a read that needs a token.
            http.get(path).problem(401, "unauthenticated");
            continue;
        }
        let answer = http.request(method, path).send();
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
        answer.problem(405, "method-not-allowed");
    }
}

#[test]
fn what_cannot_be_read() {
    let service = Service::start(Store::Sqlite);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    let unreadable = http
        .request("POST", "/v1/snapshots")
        .header("content-type", "application/json")
        .body("{\"schema\": ")
        .send()
        .problem(400, "malformed-body");
    assert!(unreadable["errors"][0]["detail"].as_str().unwrap().contains("line 1"), "{unreadable}");
    let text = http.request("POST", "/v1/snapshots").header("content-type", "text/plain");
    text.body(snapshot().to_string()).send().problem(415, "unsupported-media-type");
    http.request("POST", "/v1/snapshots")
        .body(snapshot().to_string())
        .send()
        .problem(415, "unsupported-media-type");
    for (path, parameter) in [
        ("/v1/snapshots?limit=0", "limit"),
        ("/v1/snapshots?limit=1001", "limit"),
        ("/v1/snapshots?limit=x", "limit"),
        ("/v1/snapshots?cursor=%25", "cursor"),
        ("/v1/snapshots?lmit=1", "lmit"),
        ("/v1/snapshots?limit=1&limit=2", "limit"),
    ] {
        let problem = http.get(path).problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{path}: {problem}");
    }
    let key = http.request("POST", "/v1/snapshots").header("idempotency-key", "a b").json(&snapshot());
    assert_eq!(key.send().problem(400, "invalid-request")["errors"][0]["parameter"], "Idempotency-Key");
    let name = http.patch("/v1/organisation", &json!({"name": "B", "sector": "health"}));
    assert_eq!(name.problem(422, "invalid")["errors"][0]["pointer"], "/sector");
    assert_eq!(http.get("/v1/snapshots").expect(200).json()["items"], json!([]), "nothing was stored");
}

#[test]
fn every_answer_has_the_requests_id() {
    let service = Service::start(Store::Sqlite);
    let http = service.anonymous();
    let answer = http.request("GET", "/nowhere").header("x-request-id", "trace-1.a_B").send();
    assert_eq!(answer.header("x-request-id"), Some("trace-1.a_B"));
    assert_eq!(answer.json()["request_id"], "trace-1.a_B");
    for given in ["has space", "quote\"", &"x".repeat(65)] {
        let answer = http.request("GET", "/nowhere").header("x-request-id", given).send();
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert_ne!(id, given);
        assert_eq!(id.len(), 36, "a UUID: {id}");
        assert_eq!(answer.json()["request_id"], id.as_str());
    }
    let first = http.get("/v1/scales").expect(200).header("x-request-id").unwrap().to_owned();
    assert_ne!(Some(first.as_str()), http.get("/v1/scales").header("x-request-id"));
    assert!(service.log().contains("trace-1.a_B"), "the log names the request");
}
