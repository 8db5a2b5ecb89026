//! One walk through every operation on a real server. What it asks and is answered are the examples of the document:
//! `PEERBENCH_WRITE_DOCS=1` writes them to `openapi/examples.json`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::TimeDelta;
use peerbench::{
    app::{App, publish_release::publish_release_anyway},
    domain::access::ClientId,
    environment::{Clock as _, FixedClock, SystemClock},
};
use serde_json::{Map, Value, json};

use crate::{
    api::sample::{snapshot, snapshot_with},
    support::{
        Store,
        client::{Answer, Client},
        community::settle,
        contract::CONTRACT,
        people::Profile,
        server::Service,
    },
};

/// Items of a list that an example shows.
const SHOWN: usize = 2;
/// Objects with more names than this are maps, of which an example shows as many.
const NAMES: usize = 40;

/// The requests and answers by operation, each by media type.
#[derive(Default)]
struct Walk(BTreeMap<String, Map<String, Value>>);

impl Walk {
    /// Does a step and keeps what was sent and answered.
    #[track_caller]
    fn step(&mut self, http: &Client, method: &str, path: &str, body: Option<(&str, String)>) -> Answer {
        self.accepting("application/json", http, method, path, body)
    }

    #[track_caller]
    fn accepting(
        &mut self,
        accept: &str,
        http: &Client,
        method: &str,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Answer {
        let mut draft = http.request(method, path).header("accept", accept);
        if let Some((media_type, body)) = &body {
            draft = draft.header("content-type", media_type).body(body.clone());
        }
        let answer = draft.send();
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.text());
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        let operation = CONTRACT.find(method, path).flatten().expect("an operation");
        let id = operation["operationId"].as_str().unwrap();
        let examples = self.0.entry(id.to_owned()).or_default();
        if let Some((media_type, body)) = body {
            let value = serde_json::from_str(&body).unwrap_or_else(|_| fields(media_type, &body));
            let value = shortened(id, value);
            insert(examples, "request", media_type, value);
        }
        if let Some(media_type) = answer.header("content-type") {
            let media_type = media_type.split(';').next().unwrap().to_owned();
            let value = if media_type.ends_with("ndjson") {
                serde_json::from_str(answer.text().lines().next().expect("a line")).unwrap()
            } else if media_type.ends_with("json") {
                shortened(id, answer.json())
            } else {
                lines(&printable(&answer.body)).into()
            };
            insert(examples, "response", &media_type, value);
        }
        answer
    }
}

fn insert(examples: &mut Map<String, Value>, side: &str, media_type: &str, value: Value) {
    let side = examples.entry(side).or_insert_with(|| json!({}));
    // The first is kept: where there are several, the walk asks for the usual one first.
    side.as_object_mut().unwrap().entry(media_type).or_insert(value);
}

/// The fields of a form; the body itself where it is none.
fn fields(media_type: &str, body: &str) -> Value {
    if media_type != "application/x-www-form-urlencoded" {
        return body.into();
    }
    form_urlencoded::parse(body.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::from(value.as_ref())))
        .collect()
}

/// A text, or the beginning of a file that is none.
fn printable(body: &[u8]) -> String {
    let letters = body.iter().take_while(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte));
    String::from_utf8(body.to_vec()).unwrap_or_else(|_| letters.collect())
}

fn lines(text: &str) -> String {
    text.lines().take(SHOWN + 1).map(|line| format!("{line}\n")).collect()
}

/// As much of an answer as an example needs, without secrets.
fn shortened(id: &str, mut answer: Value) -> Value {
    if let Some(object) = answer.as_object_mut() {
        match id {
            "openapi" => object.retain(|name, _| ["openapi", "info", "servers"].contains(&name.as_str())),
            "read_schema" => {
                object.retain(|name, _| ["$schema", "$id", "title", "type"].contains(&name.as_str()))
            }
            _ => {}
        }
    }
    shorten(&mut answer);
    answer
}

fn shorten(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.len() > NAMES {
                let shown: BTreeSet<String> = object.keys().take(SHOWN).cloned().collect();
                object.retain(|name, _| shown.contains(name));
            }
            for (name, secret) in [
                ("access_token", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJl"),
                ("manifest", "eyJhbGciOiJFZERTQSJ9.eyJudW1iZXIiOjF9.c2lnbmF0dXJl"),
                ("client_secret", "pbs_example"),
            ] {
                if let Some(shown) = object.get_mut(name) {
                    *shown = secret.into();
                }
            }
            object.values_mut().for_each(shorten);
        }
        Value::Array(items) => {
            if !items.iter().all(Value::is_number) {
                items.truncate(SHOWN);
            }
            items.iter_mut().for_each(shorten);
        }
        _ => {}
    }
}

/// Publishes a release ten days ago, so that there are changes since.
fn publish_earlier(service: &Service) {
    let mut parts = service.parts();
    parts.parameters.release_days = 7;
    parts.clock = Arc::new(FixedClock::at(SystemClock.now() - TimeDelta::days(10)));
    let app = App::new(parts).unwrap();
    publish_release_anyway(&app, &ClientId::new("test")).unwrap();
}

#[test]
fn every_operation_succeeds_and_the_document_says_how() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_PRIVACY_RELEASE_DAYS", "7")]);
    settle(&service, 160);
    publish_earlier(&service);
    let (operator, anonymous) = (service.operator(), service.anonymous());
    let profile =
        Profile { control_group: Some("example-holding".to_owned()), ..Profile::named("Example Bank") };
    let member = service.member(&profile);
    let http = &member.http;
    let mut walk = Walk::default();

    let json = |value: Value| Some(("application/json", value.to_string()));
    let (get, post, put, patch, delete) = ("GET", "POST", "PUT", "PATCH", "DELETE");
    walk.step(&anonymous, get, "/", None);
    walk.accepting("text/html", &anonymous, get, "/", None);
    for path in [
        "/health/live",
        "/health/ready",
        "/openapi.json",
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/v1/attack/versions",
        "/v1/attack/19.0/techniques",
        "/v1/attack/19.2/techniques/T1059.001",
        "/v1/attack/19.0/tactics",
        "/v1/attack/19.0/groups",
        "/v1/attack/19.2/catalogue",
        "/v1/technologies",
        "/v1/scales",
        "/v1/privacy",
        "/v1/schemas/coverage-snapshot-1.json",
    ] {
        walk.step(&anonymous, get, path, None);
    }
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        member.credentials.id, member.credentials.secret
    );
    walk.step(&anonymous, post, "/oauth/token", Some(("application/x-www-form-urlencoded", form)));

    // Snapshots.
    walk.step(http, post, "/v1/snapshots/check", json(snapshot()));
    let first = walk.step(http, post, "/v1/snapshots", json(snapshot()));
    let second = walk.step(http, post, "/v1/snapshots", json(snapshot_with(7)));
    let location = |answer: &Answer| answer.header("location").unwrap().to_owned();
    let id = |answer: &Answer| location(answer).rsplit('/').next().unwrap().to_owned();
    walk.step(http, get, "/v1/snapshots", None);
    walk.accepting("text/csv", http, get, "/v1/snapshots", None);
    walk.step(http, get, &location(&first), None);
    let diff = format!("{}/diff/{}", location(&first), id(&second));
    walk.step(http, get, &diff, None);
    walk.accepting("text/csv", http, get, &diff, None);

    // The operator's administration, and a release.
    let bank = json!({"name": "Example Insurance", "sector": "finance", "size": "large", "region": "europe",
        "control_group": "example-holding", "platforms": ["Windows", "Linux"]});
    let organisation = location(&walk.step(&operator, post, "/v1/admin/organisations", json(bank)));
    let csv = "name,sector,size,region,control_group,platforms\nExample Clinic,health,small,europe,,Windows;Linux\n\
               Example Shop,retail,small,europe,,\n";
    walk.step(&operator, post, "/v1/admin/organisations", Some(("text/csv", csv.to_owned())));
    walk.step(&operator, get, "/v1/admin/organisations?limit=2", None);
    walk.step(&operator, get, &organisation, None);
    walk.step(&operator, patch, &organisation, json(json!({"standing": "verified"})));
    let clients = format!("{organisation}/clients");
    let client = walk.step(&operator, post, &clients, json(json!({"scopes": ["snapshots:write"]})));
    walk.step(&operator, get, &clients, None);
    walk.step(&operator, delete, &location(&client), None);
    walk.step(&operator, get, "/v1/admin/readiness", None);
    walk.step(&operator, post, "/v1/admin/releases", None);
    walk.step(&operator, get, "/v1/admin/quarantine", None);
    let clear = json!({"organisations": [member.organisation]});
    walk.step(&operator, post, "/v1/admin/quarantine/clear", json(clear));
    walk.step(&operator, get, "/v1/admin/releases/1/tables/all", None);

    // Releases and comparisons.
    for path in [
        "/v1/releases",
        "/v1/releases/1",
        "/v1/releases/1/tables/all",
        "/v1/cohorts",
        "/v1/comparisons/summary",
    ] {
        walk.step(http, get, path, None);
    }
    walk.accepting("text/csv", http, get, "/v1/cohorts", None);
    for list in ["techniques", "technologies", "families", "tactics", "groups", "cells"] {
        walk.step(http, get, &format!("/v1/comparisons/{list}?cohort=sector:finance"), None);
        walk.accepting("text/csv", http, get, &format!("/v1/comparisons/{list}?cohort=sector:finance"), None);
    }

    walk.step(http, get, "/v1/console/rows?cohort=sector:finance&kind=technique", None);
    for form in ["application/x-ndjson", "text/csv"] {
        walk.accepting(form, http, get, "/v1/console/rows?cohort=sector:finance&kind=technique", None);
    }

    // What moved since: the member has other rules now.
    http.post("/v1/snapshots", &snapshot_with(1)).expect(201);
    for path in [
        "trend?measure=tactic:execution",
        "changes?since=1&kind=technique",
        "paths?steps=T1566|T1204;T1059.001;TA0008",
    ] {
        walk.step(http, get, &format!("/v1/comparisons/{path}"), None);
        walk.accepting("text/csv", http, get, &format!("/v1/comparisons/{path}"), None);
    }
    let report = "/v1/report?cohort=sector:finance";
    walk.step(http, get, report, None);
    for media_type in [
        "text/html",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/markdown",
        "image/svg+xml",
        "application/vnd.mitre.attack-navigator+json",
    ] {
        walk.accepting(media_type, http, get, report, None);
    }
    let flow = serde_json::json!({"type": "bundle", "id": "bundle--1", "objects": [
        {"type": "attack-flow", "id": "attack-flow--1", "name": "A night shift", "start_refs": ["attack-action--1"]},
        {"type": "attack-action", "id": "attack-action--1", "name": "A script runs", "technique_id": "T1059.001"},
    ]});
    walk.step(http, post, "/v1/comparisons/paths", json(flow));
    let bank = "?cohort=sector:finance";
    walk.step(http, get, &format!("/v1/comparisons/gaps{bank}"), None);
    walk.accepting("text/csv", http, get, &format!("/v1/comparisons/gaps{bank}"), None);
    let fewest = format!("/v1/comparisons/fewest-changes{bank}&measure=tactic:initial-access");
    walk.step(http, get, &fewest, None);
    walk.accepting("text/csv", http, get, &fewest, None);
    let changes = json!({"add": [{"technique": "T1190", "technology": "microsoft.windows", "count": 2}],
        "add_technology": ["okta.identity"]});
    walk.step(http, post, &format!("/v1/comparisons/what-if{bank}"), json(changes.clone()));
    walk.accepting("text/csv", http, post, &format!("/v1/comparisons/what-if{bank}"), json(changes));
    for path in ["techniques", "gaps"] {
        let ids = || json(json!({"techniques": ["T1059", "T1190"]}));
        let path = format!("/v1/comparisons/{path}{bank}");
        walk.step(http, post, &path, ids());
        walk.accepting("text/csv", http, post, &path, ids());
    }
    let ids = json(json!({"techniques": ["T1059", "T1190"]}));
    walk.step(http, post, &format!("/v1/comparisons/summary{bank}"), ids);
    walk.step(http, put, "/v1/gaps/T1190", json(json!({"status": "planned", "month": "2027-01"})));
    walk.step(http, get, &format!("/v1/gaps{bank}"), None);
    walk.accepting("text/csv", http, get, &format!("/v1/gaps{bank}"), None);
    walk.step(http, delete, "/v1/gaps/T1190", None);

    // The member's own administration.
    walk.step(http, get, "/v1/organisation", None);
    walk.step(http, patch, "/v1/organisation", json(json!({"name": "Example Bank"})));
    let client =
        walk.step(http, post, "/v1/organisation/clients", json(json!({"scopes": ["snapshots:read"]})));
    walk.step(http, get, "/v1/organisation/clients", None);
    walk.step(http, get, &location(&client), None);
    let change = json!({"name": "SIEM pipeline", "expires_at": "2030-01-01T00:00:00Z"});
    walk.step(http, patch, &location(&client), json(change));
    let secret = walk.step(http, post, &format!("{}/secrets", location(&client)), None);
    walk.step(http, delete, &location(&secret), None);
    walk.step(http, delete, &location(&client), None);
    walk.step(http, get, "/v1/organisation/audit", None);
    walk.step(http, delete, &location(&first), None);

    let documented: BTreeSet<&str> = operation_ids().collect();
    let walked: BTreeSet<&str> = walk.0.keys().map(String::as_str).collect();
    assert_eq!(documented, walked, "an operation that the walk leaves out");
    if std::env::var_os("PEERBENCH_WRITE_DOCS").is_some() {
        let text = serde_json::to_string_pretty(&walk.0).unwrap() + "\n";
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/examples.json"), text).unwrap();
    }
}

fn operation_ids() -> impl Iterator<Item = &'static str> {
    let paths = CONTRACT.document()["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|item| item.as_object().unwrap().values());
    operations.map(|operation| operation["operationId"].as_str().unwrap())
}
