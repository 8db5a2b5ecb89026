//! What one organisation may keep, and what reading it costs.

use serde_json::json;

use crate::{
    api::sample::{snapshot, snapshot_with},
    support::{Store, community::settle, on_both, people::Profile, server::Service},
};

on_both!(what_an_organisation_keeps_is_bounded, what_was_computed_is_not_computed_again);

fn of_feed(feed: u8) -> serde_json::Value {
    let mut snapshot = snapshot();
    snapshot["producer"]["feed"] = feed.into();
    snapshot
}

fn what_an_organisation_keeps_is_bounded(store: Store) {
    let service = Service::start_with(
        store,
        &[
            ("PEERBENCH_QUOTA_FEEDS", "3"),
            ("PEERBENCH_QUOTA_SNAPSHOTS", "6"),
            ("PEERBENCH_QUOTA_CLIENTS", "4"),
        ],
    );
    let (a, b) = (service.member(&Profile::named("A")), service.member(&Profile::named("B")));
    let upload = |snapshot: &serde_json::Value| a.http.post("/v1/snapshots", snapshot);
    for feed in 1..=3 {
        upload(&of_feed(feed)).expect(201);
    }
    let refused = upload(&of_feed(4)).problem(409, "quota-exceeded");
    assert!(refused["detail"].as_str().unwrap().contains("3 feeds"), "{refused}");
    let mut last = String::new();
    for value in 1..=3 {
        let created = upload(&snapshot_with(value)).expect(201).json();
        last = created["snapshot"]["id"].as_str().unwrap().to_owned();
    }
    upload(&snapshot_with(4)).problem(409, "quota-exceeded");
    b.http.post("/v1/snapshots", &snapshot()).expect(201);
    a.http.delete(&format!("/v1/snapshots/{last}")).expect(204);
    upload(&snapshot_with(4)).expect(201);

    let client = |name: &str| a.http.post("/v1/organisation/clients", &json!({ "scopes": [name] }));
    let made: Vec<String> = (0..3)
        .map(|_| client("snapshots:read").expect(201).json()["client_id"].as_str().unwrap().to_owned())
        .collect();
    client("snapshots:read").problem(409, "quota-exceeded");
    a.http.delete(&format!("/v1/organisation/clients/{}", made[0])).expect(204);
    client("snapshots:read").expect(201);
    assert!(service.run(&["client", "create", "--organisation", &b.organisation]).status.success());
}

#[test]
fn stored_bytes_are_bounded() {
    let service = Service::start_with(Store::Sqlite, &[("PEERBENCH_QUOTA_STORED_BYTES", "40")]);
    let member = service.member(&Profile::named("A"));
    let statuses: Vec<u16> =
        (1..=8).map(|value| member.http.post("/v1/snapshots", &snapshot_with(value)).status).collect();
    assert_eq!(statuses[0], 201);
    assert_eq!(statuses[7], 409, "{statuses:?}");
}

/// Each question is a new one, so that no answer is kept; what the organisation has is computed once.
fn what_was_computed_is_not_computed_again(store: Store) {
    let service = Service::start(store);
    settle(&service, 30);
    let (first, member) = (service.member(&Profile::named("A")), service.member(&Profile::named("B")));
    service.run_json(&["release", "publish", "--format", "json"]);
    first.http.post("/v1/snapshots", &snapshot()).expect(201);
    let technologies: Vec<String> = service.anonymous().get("/v1/technologies?limit=1000").expect(200).json()
        ["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|technology| technology["id"].as_str().unwrap().to_owned())
        .take(30)
        .collect();
    let techniques: Vec<String> =
        service.anonymous().get("/v1/attack/19.0/techniques?limit=1000").expect(200).json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|technique| technique["id"].as_str().unwrap().to_owned())
            .collect();
    for feed in 1..=8 {
        let cells: Vec<_> = technologies
            .iter()
            .flat_map(|technology| techniques.iter().map(move |technique| (technique, technology)))
            .map(|(technique, technology)| {
                json!({"technique": technique, "technology": technology, "value": feed})
            })
            .take(15_000)
            .collect();
        let mut large = of_feed(feed);
        large["attack"]["version"] = "19.0".into();
        large["technologies"] = json!(technologies);
        large["complete"] = json!([]);
        large["cells"] = json!(cells);
        member.http.post("/v1/snapshots", &large).expect(201);
    }
    let ask = |http: &crate::support::client::Client, limit: usize| {
        http.get(&format!("/v1/comparisons/tactics?limit={limit}")).expect(200);
    };
    // The release is read by whoever comes first.
    ask(&first.http, 1);
    let process = service.process();
    let computed = process.time(|| ask(&member.http, 1));
    let again = process.time(|| (2..7).for_each(|limit| ask(&member.http, limit)));
    assert!(again < 5 * computed / 2 + 5, "five more took {again} ticks, the first {computed}");
    // Whatever changes it is seen.
    let before = member.http.get("/v1/comparisons/summary").expect(200).json();
    let created = member.http.get("/v1/snapshots?limit=1").expect(200).json();
    let id = created["items"][0]["id"].as_str().unwrap();
    member.http.delete(&format!("/v1/snapshots/{id}")).expect(204);
    let after = member.http.get("/v1/comparisons/summary").expect(200).json();
    assert_ne!(before["snapshots"], after["snapshots"]);
}
