//! Snapshots: check, upload, list, read, diff, withdraw; all errors together and nothing kept of what is refused.

use serde_json::{Value, json};

use super::sample::{snapshot, snapshot_with};
use crate::support::{Store, on_both, people::Profile, server::Service};

on_both!(a_snapshots_life, a_repetition_does_nothing_twice, what_is_refused_is_refused_whole);

fn a_snapshots_life(store: Store) {
    let service = Service::start(store);
    let http = service.member(&Profile::named("Acme")).http;
    let checked = http.post("/v1/snapshots/check", &snapshot()).expect(200).json();
    assert_eq!(checked["cells"], 3);
    assert_eq!(checked["preview"]["target"], "19.2");
    assert_eq!(checked["preview"]["moved"], json!([{"from": "T1562.001", "to": "T1685"}]));
    assert_eq!(http.get("/v1/snapshots").expect(200).json()["items"], json!([]), "a check keeps nothing");

    let created = http.post("/v1/snapshots", &snapshot()).expect(201);
    let location = created.header("location").unwrap().to_owned();
    let tag = created.header("etag").unwrap().to_owned();
    assert_eq!(created.json()["preview"], checked["preview"]);
    let id = created.json()["snapshot"]["id"].as_str().unwrap().to_owned();
    assert_eq!(location, format!("/v1/snapshots/{id}"));
    let read = http.get(&location).expect(200);
    assert_eq!(read.header("etag"), Some(tag.as_str()), "the upload's tag is the snapshot's");
    let kept = read.json()["snapshot"].clone();
    assert_eq!(kept["cells"].as_array().unwrap().len(), 3);
    assert_eq!(kept["cells"][1], snapshot()["cells"][0], "values are kept as they were sent");
    let known = http.request("GET", &location).header("if-none-match", &tag).send().expect(304);
    assert!(known.body.is_empty());

    let other = http.post("/v1/snapshots", &snapshot_with(7)).expect(201).json();
    let other = other["snapshot"]["id"].as_str().unwrap();
    let diff = http.get(&format!("{location}/diff/{other}")).expect(200).json();
    let cell = json!({"technique": "T1059.001", "technology": "microsoft.windows", "before": 5, "after": 7});
    assert_eq!((&diff["changed"], &diff["unchanged"]), (&json!([cell]), &json!(2)));
    assert_eq!((&diff["added"], &diff["removed"]), (&json!([]), &json!([])));

    let ids = |answer: &Value| -> Vec<String> {
        let items = answer["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = http.get("/v1/snapshots?limit=1").expect(200).json();
    assert_eq!(ids(&first), [other], "the newest first");
    let next = first["next"].as_str().unwrap();
    let second = http.get(&format!("/v1/snapshots?limit=1&cursor={next}")).expect(200).json();
    assert_eq!(ids(&second), [id.as_str()]);
    assert_eq!(second.get("next"), None);

    assert!(http.delete(&location).expect(204).body.is_empty());
    http.get(&location).problem(404, "not-found");
    http.delete(&location).problem(404, "not-found");
    http.get(&format!("{location}/diff/{other}")).problem(404, "not-found");
    assert_eq!(ids(&http.get("/v1/snapshots").expect(200).json()), [other]);
    let log = http.get("/v1/organisation/audit?limit=1000").expect(200).json();
    let actions: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"snapshot.uploaded") && actions.contains(&"snapshot.withdrawn"), "{log}");
}

fn a_repetition_does_nothing_twice(store: Store) {
    let service = Service::start(store);
    let http = service.member(&Profile::named("Acme")).http;
    let stranger = service.member(&Profile::named("Other")).http;
    let post =
        |body: &Value| http.request("POST", "/v1/snapshots").header("idempotency-key", "job-1").json(body);
    let first = post(&snapshot()).send().expect(201);
    let again = post(&snapshot()).send().expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.header("etag"), again.header("etag"));
    post(&snapshot_with(6)).send().problem(422, "idempotency-key-reused");
    assert_eq!(http.get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap().len(), 1);
    // A key is one client's own.
    let other =
        stranger.request("POST", "/v1/snapshots").header("idempotency-key", "job-1").json(&snapshot_with(6));
    other.send().expect(201);
}

fn what_is_refused_is_refused_whole(store: Store) {
    let service = Service::start(store);
    let http = service.member(&Profile::named("Acme")).http;
    let mut wrong = snapshot();
    wrong["period"] = json!("2999-01");
    wrong["comment"] = json!("our SIEM, planted-4711");
    wrong["cells"][0]["technique"] = json!("T9999");
    wrong["cells"][1]["value"] = json!(21);
    wrong["cells"][2]["rule"] = json!("planted-4711");
    wrong["technologies"][2] = json!("planted.4711");
    wrong["complete"] = json!(["microsoft.windows", "crowdstrike.falcon"]);
    for path in ["/v1/snapshots", "/v1/snapshots/check"] {
        let answer = http.post(path, &wrong);
        assert!(!answer.text().contains("planted"), "no value is repeated: {}", answer.text());
        let problem = answer.problem(422, "invalid");
        let pointers: Vec<&str> =
            problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        for pointer in [
            "/period",
            "/comment",
            "/cells/0/technique",
            "/cells/1/value",
            "/cells/2/rule",
            "/technologies/2",
            "/complete/1",
        ] {
            assert!(pointers.contains(&pointer), "{pointer} is missing: {problem}");
        }
    }
    assert_eq!(http.get("/v1/snapshots").expect(200).json()["items"], json!([]));
    assert!(!service.log().contains("planted"));
}
