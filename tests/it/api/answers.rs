//! Comparisons that were asked before are answered from memory: with the same bytes, to their own organisation alone, and
//! only as long as nothing has changed that they depend on.

use std::{io::Read as _, process::Output};

use serde_json::{Value, json};

use super::sample::snapshot;
use crate::support::{
    Store,
    client::{Answer, Client},
    community::settle,
    on_both,
    people::Profile,
    server::Service,
};

on_both!(
    an_answer_holds_until_something_changes_that_it_depends_on,
    nobody_is_answered_with_anothers_bytes,
    who_may_no_longer_read_is_refused_what_was_answered_before,
);

const TECHNOLOGIES: &str = "/v1/comparisons/technologies?sort=own&limit=1000";

/// Asks twice: the second answer comes from memory and is the same.
#[track_caller]
fn twice(http: &Client, path: &str) -> Answer {
    let (first, second) = (http.get(path).expect(200), http.get(path).expect(200));
    assert_eq!(first.body, second.body, "{path}");
    for header in ["etag", "content-type", "vary", "cache-control", "link", "content-length"] {
        assert_eq!(first.header(header), second.header(header), "{path}: {header}");
    }
    second
}

fn done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A snapshot that covers one technique more than [`snapshot`].
fn larger() -> Value {
    let mut snapshot = snapshot();
    let more = json!({"technique": "T1003.001", "technology": "microsoft.windows", "value": 5});
    snapshot["cells"].as_array_mut().unwrap().push(more);
    snapshot
}

fn an_answer_holds_until_something_changes_that_it_depends_on(store: Store) {
    let service = Service::start(store);
    settle(&service, 60);
    let operator = service.operator();
    operator.request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    let uploaded = http.post("/v1/snapshots", &snapshot()).expect(201).json();
    let paths =
        [TECHNOLOGIES, "/v1/comparisons/summary", "/v1/comparisons/technologies?format=csv&limit=3&sort=own"];
    let before = paths.map(|path| twice(http, path));
    assert!(before[2].header("link").is_some(), "the next page of CSV is linked from memory, too");

    // A question is the same however it is written, and another page is another question.
    let written = http.get("/v1/comparisons/technologies?limit=1000&cohort=all&sort=own").expect(200);
    assert_eq!(written.body, before[0].body);
    assert_ne!(twice(http, "/v1/comparisons/technologies?sort=own&limit=2").body, before[0].body);

    // A replica, and one that keeps nothing, say the same.
    let replica = service.replica();
    assert_eq!(twice(&http.at(&replica.anonymous()), TECHNOLOGIES).body, before[0].body);

    let later = http.post("/v1/snapshots", &larger()).expect(201).json();
    let after = paths.map(|path| twice(http, path));
    for (before, after) in before.iter().zip(&after) {
        assert_ne!(before.body, after.body, "an upload shows at once");
    }
    assert_eq!(twice(&http.at(&replica.anonymous()), TECHNOLOGIES).body, after[0].body, "in every replica");

    let withdraw = |snapshot: &Value| {
        http.delete(&format!("/v1/snapshots/{}", snapshot["snapshot"]["id"].as_str().unwrap())).expect(204);
    };
    withdraw(&later);
    let restored = paths.map(|path| twice(http, path));
    for (before, restored) in before.iter().zip(&restored) {
        assert_eq!(before.body, restored.body, "a withdrawal shows at once");
    }
    withdraw(&uploaded);
    http.get(TECHNOLOGIES).problem(403, "nothing-contributed");
    http.post("/v1/snapshots", &snapshot()).expect(201);

    let first = twice(http, TECHNOLOGIES).json();
    assert_eq!(first["release"]["number"], 1);
    operator.request("POST", "/v1/admin/releases").send().expect(201);
    assert_eq!(twice(http, TECHNOLOGIES).json()["release"]["number"], 2, "a publication shows at once");
    assert_eq!(twice(http, &format!("{TECHNOLOGIES}&release=1")).json()["items"], first["items"]);

    // Another profile has other cohorts.
    let own = format!("{TECHNOLOGIES}&cohort=size:medium");
    twice(http, &own);
    let moved = format!("/v1/admin/organisations/{}", member.organisation);
    operator.patch(&moved, &json!({"size": "small"})).expect(200);
    http.get(&own).problem(404, "not-found");
}

fn nobody_is_answered_with_anothers_bytes(store: Store) {
    let service = Service::start(store);
    settle(&service, 60);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let [a, b] = ["A", "B"].map(|name| service.member(&Profile::named(name)));
    a.http.post("/v1/snapshots", &snapshot()).expect(201);
    twice(&a.http, TECHNOLOGIES);
    b.http.get(TECHNOLOGIES).problem(403, "nothing-contributed");
    b.http.post("/v1/snapshots", &larger()).expect(201);
    let (of_a, of_b) = (twice(&a.http, TECHNOLOGIES).json(), twice(&b.http, TECHNOLOGIES).json());
    assert_ne!(of_a["snapshots"], of_b["snapshots"]);
    let own = |answer: &Value| -> Vec<Value> {
        answer["items"].as_array().unwrap().iter().map(|item| item["own"].clone()).collect()
    };
    let peers = |answer: &Value| -> Vec<Value> {
        answer["items"].as_array().unwrap().iter().map(|item| item["peers"].clone()).collect()
    };
    assert_ne!(own(&of_a), own(&of_b));
    assert_eq!(peers(&of_a), peers(&of_b), "the peers' side depends on nobody");
    // Another client of the same organisation is answered with the same bytes, and without the scope with none.
    let colleague = service.client_of(&a.organisation);
    assert_eq!(twice(&colleague, TECHNOLOGIES).json(), of_a);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", a.credentials.id.as_str()),
        ("client_secret", a.credentials.secret.as_str()),
        ("scope", "snapshots:read"),
    ];
    let token = service.anonymous().post_form("/oauth/token", &fields).expect(200).json();
    let narrowed = service.anonymous().with_token(token["access_token"].as_str().unwrap());
    narrowed.get(TECHNOLOGIES).problem(403, "insufficient-scope");
    service.anonymous().get(TECHNOLOGIES).problem(401, "unauthenticated");
}

fn who_may_no_longer_read_is_refused_what_was_answered_before(store: Store) {
    let service = Service::start(store);
    settle(&service, 60);
    let operator = service.operator();
    operator.request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    http.post("/v1/snapshots", &snapshot()).expect(201);
    twice(http, TECHNOLOGIES);
    // On the database directly, by another process.
    done(&service.run(&["organisation", "suspend", &member.organisation]));
    http.get(TECHNOLOGIES).problem(403, "suspended");
    done(&service.run(&["organisation", "verify", &member.organisation]));
    twice(http, TECHNOLOGIES);
    done(&service.run(&["client", "revoke", &member.credentials.id]));
    http.get(TECHNOLOGIES).problem(401, "unauthenticated");
}

#[test]
fn each_coding_is_kept_on_its_own() {
    let service = Service::start(Store::Sqlite);
    settle(&service, 60);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    http.post("/v1/snapshots", &snapshot()).expect(201);
    let plain = twice(http, TECHNOLOGIES);
    assert_eq!(plain.header("content-encoding"), None);
    let mut tags = vec![plain.header("etag").unwrap().to_owned()];
    for coding in ["gzip", "zstd", "deflate"] {
        for _ in 0..2 {
            let packed =
                http.request("GET", TECHNOLOGIES).header("accept-encoding", coding).send().expect(200);
            let tag = packed.header("etag").unwrap().to_owned();
            assert!(tag.ends_with(&format!("-{coding}\"")), "{tag}");
            let vary: Vec<_> = packed.headers.get_all("vary").iter().map(|v| v.to_str().unwrap()).collect();
            assert!(vary.contains(&"accept") && vary.contains(&"accept-encoding"), "{vary:?}");
            let unpacked = match coding {
                "zstd" => zstd::decode_all(packed.body.as_slice()).unwrap(),
                "deflate" => {
                    let mut body = Vec::new();
                    flate2::read::ZlibDecoder::new(packed.body.as_slice()).read_to_end(&mut body).unwrap();
                    body
                }
                // The test's client unpacks it.
                _ => packed.body.clone(),
            };
            assert_eq!(unpacked, plain.body, "{coding}");
            tags.push(tag);
        }
    }
    for tag in &tags {
        for coding in ["identity", "gzip"] {
            let known = http.request("GET", TECHNOLOGIES).header("accept-encoding", coding);
            let known = known.header("if-none-match", tag).send().expect(304);
            assert_eq!(known.header("etag"), Some(tag.as_str()));
            assert!(known.body.is_empty());
        }
    }
    http.request("GET", TECHNOLOGIES).header("if-none-match", "\"other\"").send().expect(200);
    http.request("GET", TECHNOLOGIES)
        .header("accept-encoding", "identity;q=0")
        .send()
        .problem(406, "not-acceptable");
    let head = http.request("HEAD", TECHNOLOGIES).send().expect(200);
    assert_eq!((head.header("etag"), head.body.len()), (plain.header("etag"), 0));
}

/// A question in a body is one question however it is written, and its answer is as current as any other.
#[test]
fn the_answer_to_a_body_is_kept_until_something_changes() {
    let service = Service::start(Store::Sqlite);
    settle(&service, 60);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    http.post("/v1/snapshots", &snapshot()).expect(201);
    let ids = json!({"techniques": ["T1059", "T1566"]});
    let same = json!({"techniques": ["T1566", "T1059", "T1566"]});
    let rules = json!({"add": [{"technique": "T1566", "technology": "microsoft.windows", "count": 4}]});
    let asked = [
        ("/v1/comparisons/summary", &ids, &same),
        ("/v1/comparisons/techniques", &ids, &same),
        ("/v1/comparisons/techniques?format=csv", &ids, &same),
        ("/v1/comparisons/gaps", &ids, &same),
        ("/v1/comparisons/what-if", &rules, &rules),
    ];
    let answers = || {
        asked.map(|(path, body, same)| {
            let first = http.post(path, body).expect(200);
            assert_eq!((first.header("cache-control"), first.header("etag")), (Some("no-store"), None));
            assert_eq!(http.post(path, same).expect(200).body, first.body, "{path}");
            first.text()
        })
    };
    let before = answers();
    let mut more = snapshot();
    let cell = json!({"technique": "T1566", "technology": "microsoft.windows", "value": 5});
    more["cells"].as_array_mut().unwrap().push(cell);
    http.post("/v1/snapshots?replace=true", &more).expect(201);
    let after = answers();
    for (at, (path, ..)) in asked.iter().enumerate() {
        assert_ne!(before[at], after[at], "{path}");
    }
}

#[test]
fn a_service_that_keeps_no_answers_says_the_same() {
    let mut service = Service::start(Store::Sqlite);
    settle(&service, 60);
    service.operator().request("POST", "/v1/admin/releases").send().expect(201);
    let member = service.member(&Profile::named("Acme"));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    let kept = twice(&member.http, TECHNOLOGIES);
    service.kill();
    // Smaller than the answer, and nothing at all.
    for bytes in ["4096", "0"] {
        service.start_again_with(&[("PEERBENCH_HTTP_ANSWER_CACHE_BYTES", bytes)]);
        assert_eq!(twice(&member.http, TECHNOLOGIES).body, kept.body);
        service.kill();
    }
    service.start_again();
}
