//! A clock that jumped, as an operator meets it: with the real program and what its database says.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use peerbench::environment::{Clock as _, SystemClock};

use crate::{
    api::sample::snapshot,
    support::{Store, people::Profile, server::Service},
};

fn in_database(service: &Service, statement: &str) {
    let url = service.setting("PEERBENCH_DATABASE_URL").trim_start_matches("sqlite:").to_owned();
    SqliteConnection::establish(&url).unwrap().batch_execute(statement).unwrap();
}

fn stored(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

fn said(service: &Service, arguments: &[&str]) -> String {
    let output = service.run(arguments);
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_operator_ends_the_lease_of_who_is_gone() {
    let service = Service::start(Store::Sqlite);
    service.member(&Profile::named("Acme")).http.post("/v1/snapshots", &snapshot()).expect(201);
    let lease = |until: DateTime<Utc>| {
        let values = format!("('publication', 'gone', '{}')", stored(until));
        in_database(
            &service,
            &format!("INSERT OR REPLACE INTO leases (name, owner, expires_at) VALUES {values}"),
        );
    };
    let now = SystemClock.now();
    lease(now + TimeDelta::seconds(55));
    let refused = said(&service, &["release", "publish"]);
    assert!(refused.contains("nother process is publishing"), "{refused}");
    assert!(said(&service, &["lease", "clear"]).contains("is cleared"));
    assert!(said(&service, &["lease", "clear"]).contains("Nobody holds"));
    let refused = said(&service, &["release", "publish"]);
    assert!(refused.contains("seven days after the first upload"), "{refused}");
    // Taken under a clock that was ahead.
    lease(now + TimeDelta::days(300));
    let refused = said(&service, &["release", "publish"]);
    assert!(!refused.contains("nother process"), "{refused}");
}

#[test]
fn a_clock_far_ahead_takes_no_upload_until_the_operator_says_that_it_is_right() {
    let service = Service::start(Store::Sqlite);
    let member = service.member(&Profile::named("Acme"));
    in_database(
        &service,
        &format!(
            "INSERT OR REPLACE INTO clock (name, seen_at) VALUES ('service', '{}')",
            stored(SystemClock.now() - TimeDelta::days(200))
        ),
    );
    let refused = member.http.post("/v1/snapshots", &snapshot());
    assert!(refused.header("retry-after").is_some());
    let refused = refused.problem(503, "unavailable");
    assert!(refused["detail"].as_str().unwrap().contains("clock"), "{refused}");
    let refused = said(&service, &["release", "publish"]);
    assert!(refused.contains("--force"), "{refused}");
    let forced = said(&service, &["release", "publish", "--force"]);
    assert!(!forced.contains("--force"), "{forced}");
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
}
