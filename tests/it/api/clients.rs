//! Clients of an organisation: named, limited, ending, with two secrets while one is replaced; and nobody gives what they
//! don't hold.

use chrono::TimeDelta;
use peerbench::environment::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::support::{
    Store,
    client::{Answer, Client},
    on_both,
    people::{Credentials, Profile},
    server::Service,
};

on_both!(
    a_client_is_named_limited_and_ends,
    secrets_are_replaced_without_a_gap,
    nobody_gives_what_they_do_not_hold
);

const CLIENTS: &str = "/v1/organisation/clients";

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer}")).to_owned()
}

fn credentials(created: &Value) -> Credentials {
    Credentials { id: text(created, "client_id"), secret: text(created, "client_secret") }
}

fn token(service: &Service, credentials: &Credentials) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", credentials.id.as_str()),
        ("client_secret", credentials.secret.as_str()),
    ];
    service.anonymous().post_form("/oauth/token", &fields)
}

fn a_client_is_named_limited_and_ends(store: Store) {
    let service = Service::start(store);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    let asked = json!({"name": " SIEM pipeline ", "scopes": ["snapshots:write"], "expires_at": "2030-01-01T00:00:00Z"});
    let answer = http.post(CLIENTS, &asked).expect(201);
    let (location, tag) =
        (answer.header("location").unwrap().to_owned(), answer.header("etag").unwrap().to_owned());
    let created = answer.json();
    assert_eq!(
        (&created["name"], &created["expires_at"]),
        (&json!("SIEM pipeline"), &json!("2030-01-01T00:00:00Z"))
    );
    assert_eq!(created["created_by"], member.credentials.id.as_str());
    let read = http.get(&location).expect(200);
    assert_eq!(read.header("etag"), Some(tag.as_str()));
    let read = read.json();
    assert!(read.get("last_used_at").is_none() && read.get("client_secret").is_none(), "{read}");
    assert_eq!(read["secrets"].as_array().unwrap().len(), 1);

    let siem = service.signed_in(&credentials(&created));
    assert!(http.get(&location).expect(200).json()["last_used_at"].is_string());
    siem.post("/v1/snapshots", &super::sample::snapshot()).expect(201);
    siem.get("/v1/snapshots").problem(403, "insufficient-scope");

    // Changed in the state that was read, and in no other.
    let tag = http.get(&location).expect(200).header("etag").unwrap().to_owned();
    let change =
        |tag: &str, body: &Value| http.request("PATCH", &location).header("if-match", tag).json(body).send();
    change("\"other\"", &json!({"name": "x"})).problem(412, "precondition-failed");
    let changed = change(&tag, &json!({"name": "Renamed"})).expect(200);
    assert_eq!(http.get(&location).expect(200).header("etag"), changed.header("etag"));
    assert!(changed.json()["name"] == "Renamed");
    change(&tag, &json!({"name": "x"})).problem(412, "precondition-failed");
    for (body, pointer) in [
        (json!({"name": ""}), "/name"),
        (json!({"name": "a\u{202e}b"}), "/name"),
        (json!({"expires_at": "2020-01-01T00:00:00Z"}), "/expires_at"),
        (json!({"expires_at": "soon"}), "/expires_at"),
        (json!({"scopes": []}), "/scopes"),
        (json!({"scopes": null}), "/scopes"),
        (json!({"scopes": ["platform:admin"]}), "/scopes"),
        (json!({"other": 1}), "/other"),
    ] {
        let refused = http.patch(&location, &body).problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}: {refused}");
    }
    // What is taken away acts at once.
    http.patch(&location, &json!({"scopes": ["snapshots:read"]})).expect(200);
    siem.post("/v1/snapshots", &super::sample::snapshot()).problem(403, "insufficient-scope");
    let all = credentials(&http.post(CLIENTS, &json!({})).expect(201).json());
    let signed_in = service.signed_in(&all);
    signed_in.get("/v1/snapshots").expect(200);
    http.patch(&format!("{CLIENTS}/{}", all.id), &json!({"scopes": ["comparisons:read"]})).expect(200);
    signed_in.get("/v1/snapshots").problem(403, "insufficient-scope");
    for field in ["[null]", "[]", "null", "\"x\"", "{\"name\": \"a\", \"name\": \"b\"}"] {
        let draft = http.request("POST", CLIENTS).header("content-type", "application/json");
        draft.body(field).send().problem(422, "invalid");
    }
}

fn secrets_are_replaced_without_a_gap(store: Store) {
    let service = Service::start(store);
    let member = service.member(&Profile::named("Acme"));
    let http = &member.http;
    let first = credentials(&http.post(CLIENTS, &json!({"scopes": ["snapshots:read"]})).expect(201).json());
    let path = format!("{CLIENTS}/{}", first.id);
    let added = http.post(&format!("{path}/secrets"), &json!({})).expect(201).json();
    let second = Credentials { id: first.id.clone(), secret: text(&added, "client_secret") };
    for credentials in [&first, &second] {
        token(&service, credentials).expect(200);
    }
    http.post(&format!("{path}/secrets"), &json!({})).problem(409, "conflict");
    let secrets = http.get(&path).expect(200).json()["secrets"].clone();
    assert_eq!(secrets.as_array().unwrap().len(), 2, "{secrets}");
    assert_eq!(secrets[1]["secret_id"], added["secret_id"]);
    let old = format!("{path}/secrets/{}", text(&secrets[0], "secret_id"));
    http.delete(&old).expect(204);
    http.delete(&old).problem(404, "not-found");
    token(&service, &first).expect(401);
    token(&service, &second).expect(200);
    let log = http.get("/v1/organisation/audit?limit=10").expect(200).text();
    for action in ["client.created", "client.secret_added", "client.secret_removed"] {
        assert!(log.contains(action), "{log}");
    }
    assert!(!service.log().contains(&second.secret) && !log.contains(&second.secret));
}

fn nobody_gives_what_they_do_not_hold(store: Store) {
    let service = Service::start(store);
    let member = service.member(&Profile::named("Acme"));
    let made = |http: &Client, scopes: &[&str]| http.post(CLIENTS, &json!({ "scopes": scopes }));
    let admin = credentials(&made(&member.http, &["organisation:admin"]).expect(201).json());
    let admin_http = service.signed_in(&admin);
    made(&admin_http, &["snapshots:read"]).problem(422, "invalid");
    made(&admin_http, &["organisation:admin", "comparisons:read"]).problem(422, "invalid");
    let own = admin_http.post(CLIENTS, &json!({})).expect(201).json();
    assert_eq!(own["scopes"], json!(["organisation:admin"]), "all that the caller has");
    // Nor by way of a client that has more.
    let wide = credentials(&made(&member.http, &["snapshots:read", "snapshots:write"]).expect(201).json());
    let path = format!("{CLIENTS}/{}", wide.id);
    admin_http.post(&format!("{path}/secrets"), &json!({})).problem(403, "forbidden");
    admin_http
        .patch(&path, &json!({"scopes": ["snapshots:read", "comparisons:read"]}))
        .problem(422, "invalid");
    let narrowed = admin_http.patch(&path, &json!({"scopes": ["snapshots:read"]})).expect(200).json();
    assert_eq!(narrowed["scopes"], json!(["snapshots:read"]));

    // What somebody made who had a secret goes with it.
    let child = service.signed_in(&credentials(&own));
    let grandchild = credentials(&child.post(CLIENTS, &json!({})).expect(201).json());
    let revoke = |query: &str| member.http.delete(&format!("{CLIENTS}/{}{query}", admin.id));
    revoke("?with_made=perhaps").problem(400, "invalid-request");
    revoke("").expect(204);
    token(&service, &grandchild).expect(200);
    revoke("?with_made=true").expect(204);
    token(&service, &grandchild).expect(401);
    child.get(CLIENTS).problem(401, "unauthenticated");
    token(&service, &wide).expect(200);
    member.http.get(CLIENTS).expect(200);
}

#[test]
fn the_platform_can_be_watched_without_being_changed() {
    let service = Service::start(Store::Sqlite);
    let member = service.member(&Profile::named("Acme"));
    let created = service.run_json(&[
        "client",
        "create",
        "--operator",
        "--scope",
        "platform:read",
        "--name",
        "monitoring",
        "--format",
        "json",
    ]);
    let watcher = service.signed_in(&credentials(&created));
    for path in [
        "/v1/admin/organisations",
        "/v1/admin/readiness",
        &format!("/v1/admin/organisations/{}", member.organisation),
    ] {
        watcher.get(path).expect(200);
        service.operator().get(path).expect(200);
    }
    watcher
        .patch(&format!("/v1/admin/organisations/{}", member.organisation), &json!({"standing": "suspended"}))
        .problem(403, "insufficient-scope");
    watcher.post("/v1/admin/releases", &json!({})).problem(403, "insufficient-scope");
    let listed = service.run(&["client", "list", "--operator"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("monitoring"));
}

#[test]
fn an_expired_client_is_good_for_nothing() {
    let service = Service::start(Store::Sqlite);
    let member = service.member(&Profile::named("Acme"));
    let end = (SystemClock.now() + TimeDelta::seconds(10)).to_rfc3339();
    let created = member
        .http
        .post(CLIENTS, &json!({"scopes": ["snapshots:read"], "expires_at": end}))
        .expect(201)
        .json();
    let short = credentials(&created);
    let http = service.signed_in(&short);
    let expired = (0..300).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        http.get("/v1/snapshots").status == 401
    });
    assert!(expired);
    token(&service, &short).expect(401);
}
