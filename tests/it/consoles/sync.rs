//! A round trip: rules out of the SIEM, a snapshot to the service, rows into a console.

use std::{fs, path::Path, sync::Arc, sync::Mutex};

use serde_json::{Value, json};

use super::{
    receivers::{
        http::{Request, Response, answer, serve},
        splunk::{Splunk, TOKEN},
    },
    world::{World, latest},
};
use crate::support::console::Ran;

const API_TOKEN: &str = "hush-api-token";

/// Splunk's and Elastic's read APIs. Everything but reading is refused.
fn siem(requests: Arc<Mutex<Vec<String>>>) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let searches = fs::read_to_string(data.join("splunk/saved_searches.json")).unwrap();
    let rules = fs::read_to_string(data.join("elastic/rules_export.ndjson")).unwrap();
    let rules: Vec<Value> = rules.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rules: Vec<Value> = rules.into_iter().filter(|rule: &Value| rule.get("rule_id").is_some()).collect();
    let server = serve(move |request: &Request| -> Response {
        requests.lock().unwrap().push(format!("{} {}", request.method, request.path));
        let authorization = request.header("authorization");
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/servicesNS/-/-/saved/searches") if authorization == format!("Bearer {API_TOKEN}") => {
                answer(200, &searches)
            }
            ("GET", "/api/detection_engine/rules/_find")
                if authorization == format!("ApiKey {API_TOKEN}") =>
            {
                answer(200, json!({"page": 1, "perPage": 1000, "total": rules.len(), "data": rules}))
            }
            ("GET", _) => answer(401, "{}"),
            _ => answer(405, "{}"),
        }
    });
    server.base
}

#[test]
fn a_round_trip_uploads_the_snapshot_alone_and_pushes_rows() {
    let world = World::new();
    let splunk = Splunk::start();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let siem = siem(Arc::clone(&requests));
    let folder = world.service.folder();
    let config = |source: &str, more: &str| {
        let text = format!(
            "[sync]\nsource = \"{source}\"\nurl = \"{siem}\"\npush = [\"splunk\"]\n{more}\n[splunk]\nurl = \"{}\"\n",
            splunk.base
        );
        fs::write(folder.join("sync.toml"), text).unwrap();
    };
    let settings =
        vec![("PEERBENCH_SYNC_TOKEN", API_TOKEN.to_owned()), ("PEERBENCH_SPLUNK_TOKEN", TOKEN.to_owned())];
    let run =
        |more: &[&str]| Ran::of(&mut world.command(&[&["sync", "sync.toml"], more].concat(), &settings));
    let snapshots =
        || world.member.http.get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap().len();

    config("splunk", "");
    let dry = run(&["--dry-run"]).done();
    assert!(
        dry.err.contains("Uploading this sends ") && dry.out.contains("Dry run"),
        "{}{}",
        dry.out,
        dry.err
    );
    assert_eq!((snapshots(), splunk.take(|collector| collector.requests)), (1, 0));

    // What may leave is agreed on before.
    config("splunk", "technologies = [\"okta.identity\"]");
    run(&[]).failed(1, &["sync.technologies", "Nothing was uploaded"]);
    assert_eq!(snapshots(), 1);

    config("splunk", "build = [\"--feed\", \"2\"]");
    let done = run(&[]).done();
    assert!(done.out.contains("Uploaded ") && done.out.contains("rows to Splunk"), "{}", done.out);
    let uploaded = world.member.http.get("/v1/snapshots").expect(200).json()["items"][0].clone();
    assert_eq!(
        (&uploaded["producer"]["source"], &uploaded["producer"]["feed"]),
        (&json!("splunk"), &json!(2))
    );
    let pushed = splunk.take(|collector| latest(collector.events.iter().map(|event| &event["event"])));
    assert_eq!(pushed, latest(&world.rows()));

    let again = run(&[]).done();
    assert!(
        again.out.contains("Nothing was uploaded.") && again.out.contains("Nothing was sent."),
        "{}",
        again.out
    );
    assert_eq!(snapshots(), 2);
    let left: Vec<String> = fs::read_dir(folder.join("peerbench-sync"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    let mut left = left;
    left.sort();
    assert_eq!(left, ["snapshot.json", "splunk.state", "sync.state"], "the rules are gone");

    config("elastic", "build = [\"--feed\", \"3\"]");
    assert!(run(&[]).done().out.contains("Uploaded "));
    assert_eq!(snapshots(), 3);
    assert!(
        requests.lock().unwrap().iter().all(|request| request.starts_with("GET ")),
        "nothing is written to the SIEM"
    );

    let wrong = vec![("PEERBENCH_SYNC_TOKEN", "other".to_owned()), settings[1].clone()];
    let refused = Ran::of(&mut world.command(&["sync", "sync.toml"], &wrong));
    refused.failed(3, &["PEERBENCH_SYNC_TOKEN", "Nothing was uploaded"]);
    for (source, more, told) in [
        ("qradar", "", "sync.source is invalid"),
        ("splunk", "build = [\"--output\", \"x\"]", "must not have --output"),
        ("splunk", "build = [\"--nonsense\"]", "sync.build is invalid"),
    ] {
        config(source, more);
        run(&[]).failed(2, &[told]);
    }
    fs::write(folder.join("peerbench-sync/sync.state"), "{\"format\": \"peerbench-sync-state/2\"}").unwrap();
    config("splunk", "");
    let asked = requests.lock().unwrap().len();
    run(&[]).failed(1, &["of a later version of peerbench"]);
    assert_eq!(requests.lock().unwrap().len(), asked, "before anything is asked");
}
