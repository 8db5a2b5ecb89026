//! The database is away, stands still, is locked, or is asked for what it can't take: 503 with `Retry-After` for the first
//! three, "there is no such thing" for the last, and never a 500.

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use serde_json::json;

use crate::{
    api::sample::{snapshot, snapshot_with},
    support::{
        Store,
        client::{Answer, Client},
        on_both,
        people::{Credentials, Profile},
        postgres,
        proxy::Proxy,
        server::{FILE_BLOCKS, Service},
    },
};

on_both!(what_cannot_be_an_id_is_absent);

fn unavailable(what: &str, answer: Answer) {
    assert_eq!(answer.status, 503, "{what}: {}", answer.text());
    assert!(answer.header("retry-after").is_some(), "{what}");
    answer.problem(503, "unavailable");
}

/// One request of each kind, none of which can be answered.
fn nothing_works(service: &Service, http: &Client, credentials: &Credentials, id: &str) {
    let anonymous = service.anonymous();
    unavailable("ready", anonymous.get("/health/ready"));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", credentials.id.as_str()),
        ("client_secret", credentials.secret.as_str()),
    ];
    unavailable("token", anonymous.post_form("/oauth/token", &form));
    for path in ["/v1/snapshots", "/v1/organisation", "/v1/comparisons/summary", "/v1/releases"] {
        unavailable(path, http.get(path));
    }
    unavailable("upload", http.post("/v1/snapshots", &snapshot()));
    unavailable("rename", http.patch("/v1/organisation", &json!({"name": "Other"})));
    unavailable("withdrawal", http.delete(&format!("/v1/snapshots/{id}")));
    anonymous.get("/health/live").expect(200);
}

#[test]
fn a_postgresql_that_stands_still_or_goes_away_is_an_outage() {
    let database = postgres::Database::create();
    let url = database.url();
    let (before, host_and_rest) = url.rsplit_once('@').unwrap();
    let (host, rest) = host_and_rest.split_once('/').unwrap();
    let proxy = Proxy::before(host);
    let proxied = format!("{before}@127.0.0.1:{}/{rest}", proxy.port());
    let service = Service::start_with(
        Store::Sqlite,
        &[
            ("PEERBENCH_DATABASE_URL", &proxied),
            ("PEERBENCH_DATABASE_WAIT_SECONDS", "1"),
            ("PEERBENCH_DATABASE_POOL_SIZE", "3"),
            ("PEERBENCH_HTTP_REQUEST_SECONDS", "3"),
        ],
    );
    let member = service.member(&Profile::named("Acme"));
    let created = member.http.post("/v1/snapshots", &snapshot()).expect(201).json();
    let id = created["snapshot"]["id"].as_str().unwrap();
    for outage in [Proxy::freeze as fn(&Proxy), Proxy::go_away] {
        outage(&proxy);
        nothing_works(&service, &member.http, &member.credentials, id);
        proxy.come_back();
        // A connection that broke meanwhile is replaced; whoever is told so tries again.
        let works = |answer: Answer| answer.status == 200;
        assert!((0..60).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(500));
            works(service.anonymous().get("/health/ready")) && works(member.http.get("/v1/organisation"))
        }));
        member.http.get(&format!("/v1/snapshots/{id}")).expect(200);
    }
}

#[test]
fn an_sqlite_that_somebody_else_writes_to_is_an_outage_for_writers_alone() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_DATABASE_WAIT_SECONDS", "2")]);
    let member = service.member(&Profile::named("Acme"));
    let created = member.http.post("/v1/snapshots", &snapshot()).expect(201).json();
    let id = created["snapshot"]["id"].as_str().unwrap();
    let url = service.setting("PEERBENCH_DATABASE_URL");
    let mut other = SqliteConnection::establish(url.trim_start_matches("sqlite:")).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let (http, path) = (&member.http, format!("/v1/snapshots/{id}"));
            scope.spawn(move || match number % 3 {
                0 => unavailable("upload", http.post("/v1/snapshots", &snapshot())),
                1 => unavailable("rename", http.patch("/v1/organisation", &json!({"name": "Other"}))),
                _ => {
                    let answer = http.delete(&path);
                    assert!(answer.text().contains("still there"), "{}", answer.text());
                    unavailable("withdrawal", answer);
                }
            });
        }
    });
    member.http.get(&format!("/v1/snapshots/{id}")).expect(200);
    unavailable("ready", service.anonymous().get("/health/ready"));
    other.batch_execute("ROLLBACK").unwrap();
    let is_ready = || service.anonymous().get("/health/ready").status == 200;
    assert!((0..60).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(500));
        is_ready()
    }));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    member.http.delete(&format!("/v1/snapshots/{id}")).expect(204);
}

#[test]
fn a_disk_that_is_full_is_an_outage_for_writers_alone() {
    let mut service = Service::start(Store::Sqlite);
    let member = service.member(&Profile::named("Acme"));
    let created = member.http.post("/v1/snapshots", &snapshot()).expect(201).json();
    let path = format!("/v1/snapshots/{}", created["snapshot"]["id"].as_str().unwrap());
    service.kill();
    let file = service.setting("PEERBENCH_DATABASE_URL").trim_start_matches("sqlite:").to_owned();
    // The log of writes begins anew, so that it is the first to be as long as a file can be.
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    SqliteConnection::establish(&file).unwrap().batch_execute(checkpoint).unwrap();
    let blocks = std::fs::metadata(file).unwrap().len() / 512 + 200;
    service.start_again_with(&[(FILE_BLOCKS, &blocks.to_string())]);
    let http = member.http.at(&service.anonymous());
    let refused = (0..500)
        .map(|number: u16| http.post("/v1/snapshots", &snapshot_with((number % 20) as u8)))
        .find(|answer| answer.status != 201);
    unavailable("upload", refused.expect("the disk is full at last"));
    unavailable("upload", http.post("/v1/snapshots", &snapshot()));
    unavailable("withdrawal", http.delete(&path));
    unavailable("ready", service.anonymous().get("/health/ready"));
    http.get(&path).expect(200);
    service.kill();
    service.start_again_with(&[(FILE_BLOCKS, "0")]);
    let http = member.http.at(&service.anonymous());
    http.post("/v1/snapshots", &snapshot()).expect(201);
    http.delete(&path).expect(204);
}

fn what_cannot_be_an_id_is_absent(store: Store) {
    let service = Service::start(store);
    let (member, operator) = (service.member(&Profile::named("Acme")), service.operator());
    let api = service.anonymous().get("/openapi.json").expect(200).json();
    let long = "a".repeat(5_000);
    let mut asked = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["oauth"][0].as_str();
            let http = if scope.is_some_and(|scope| scope.starts_with("platform:")) {
                &operator
            } else {
                &member.http
            };
            for bad in [
                "%00",
                "a%00b",
                "%F0%28%8C%28",
                "%E2%80%AE",
                "%27%20OR%201=1--",
                "4294967295",
                "99999999999",
                &long,
            ] {
                let mut filled = String::new();
                let mut rest = path.as_str();
                while let Some((start, after)) = rest.split_once('{') {
                    filled.push_str(start);
                    filled.push_str(bad);
                    rest = after.split_once('}').unwrap().1;
                }
                if filled.is_empty() {
                    continue;
                }
                filled.push_str(rest);
                let draft = http.request(&method.to_ascii_uppercase(), &filled);
                let answer = match operation.get("requestBody") {
                    Some(_) => draft.json(&json!({"name": "x"})).send(),
                    None => draft.send(),
                };
                assert!(
                    [400, 404, 415, 422].contains(&answer.status),
                    "{method} {path} with {bad:.20}: {} {}",
                    answer.status,
                    answer.text()
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 100, "{asked}");
    // Cursors of every list: base64 of a NUL, of what is no UTF-8, and of what is no id.
    for (path, item) in api["paths"].as_object().unwrap() {
        let Some(parameters) = item["get"]["parameters"].as_array() else { continue };
        if path.contains('{') || !parameters.iter().any(|parameter| parameter["name"] == "cursor") {
            continue;
        }
        let scope = item["get"]["security"][0]["oauth"][0].as_str();
        let http =
            if scope.is_some_and(|scope| scope.starts_with("platform:")) { &operator } else { &member.http };
        for cursor in ["AA", "YQBi", "_w", "4oCu"] {
            let answer = http.get(&format!("{path}?cursor={cursor}"));
            assert!(
                [200, 400, 403, 404].contains(&answer.status),
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    for id in ["\0", "a\0b", "\u{202e}"] {
        let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "pbs_x\0")];
        service.anonymous().post_form("/oauth/token", &fields).expect(401);
    }
    for name in ["a\0b", "a\u{202e}b", "a\u{200b}b", "\u{feff}", "\u{3164}", "a\u{115f}", "\u{2800}"] {
        member.http.patch("/v1/organisation", &json!({"name": name})).problem(422, "invalid");
    }
    let clear = json!({"organisations": ["a\0b"]});
    operator.post("/v1/admin/quarantine/clear", &clear).problem(422, "invalid");
    let log = service.log();
    assert!(!log.contains("ERROR"), "{log:.3000}");
}
