//! What a running service notices: another data directory, a schema that is not its own, ATT&CK versions that somebody
//! else enables.

use std::thread;
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, sql_query};
use serde_json::{Value, json};

use crate::support::{Store, on_both, server::Service};

on_both!(
    another_release_key_is_refused,
    a_service_with_pending_migrations_is_not_ready,
    a_version_that_is_disabled_elsewhere_is_no_longer_used,
);

fn another_release_key_is_refused(store: Store) {
    let mut service = Service::start(store);
    service.kill();
    let other = service.folder().join("elsewhere").display().to_string();
    let refused = service.refused_with(&[("PEERBENCH_DATA_DIR", &other)]);
    assert!(refused.contains("`release-key` of this data directory is not the one"), "{refused}");
    let mut listing = service.command(&["release", "list"]);
    let refused = listing.env("PEERBENCH_DATA_DIR", &other).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("start with that data directory"));
    assert_eq!(refused.status.code(), Some(3));
    service.start_again();
}

fn a_service_with_pending_migrations_is_not_ready(store: Store) {
    let service = Service::start(store);
    let anonymous = service.anonymous();
    anonymous.get("/health/ready").expect(200);
    // As if a newer program had been replaced by this one, or the other way round.
    let url = service.setting("PEERBENCH_DATABASE_URL");
    let forget = "DELETE FROM __diesel_schema_migrations WHERE version = \
                  (SELECT max(version) FROM __diesel_schema_migrations)";
    match store {
        Store::Sqlite => {
            let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
            sql_query(forget).execute(&mut conn).unwrap();
        }
        Store::Postgres => {
            sql_query(forget).execute(&mut PgConnection::establish(url).unwrap()).unwrap();
        }
    }
    anonymous.get("/health/ready").problem(503, "unavailable");
    anonymous.get("/health/live").expect(200);
}

fn a_version_that_is_disabled_elsewhere_is_no_longer_used(store: Store) {
    let service = Service::start(store);
    let canonical = || {
        let versions = service.anonymous().get("/v1/attack/versions").expect(200).json();
        let versions = versions["items"].as_array().unwrap().clone();
        versions
            .into_iter()
            .find(|version| version["canonical"] == true)
            .map(|version| version["version"].clone())
    };
    let becomes = |version: &str| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while canonical() != Some(json!(version)) {
            assert!(Instant::now() < deadline, "the service did not notice");
            thread::sleep(Duration::from_millis(200));
        }
    };
    becomes("19.2");
    let run = |verb: &str, version: &str| -> Value {
        service.run_json(&["catalogue", verb, version, "--format", "json"])
    };
    for (version, next) in [("19.2", "19.1"), ("19.1", "19.0"), ("19.0", "18.1")] {
        let expected = json!({ "version": version, "enabled": false, "canonical": next });
        assert_eq!(run("disable", version), expected);
        becomes(next);
    }
    for (version, why) in [("18.1", "the only enabled version"), ("7.0", "no catalogue of ATT&CK 7.0")] {
        let refused = service.run(&["catalogue", "disable", version]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(why));
    }
    run("enable", "19.2");
    becomes("19.2");
}
