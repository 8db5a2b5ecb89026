//! A round trip: rules out of the SIEM, a snapshot to the service, rows into a console.

use std::{fs, process::Stdio};

use serde_json::json;

use super::{
    receivers::{
        siem::{self, Fault, Rules},
        splunk::{Splunk, TOKEN},
    },
    rule_export,
    samples::{self, PRODUCTS},
    world::{Settings, World, latest, until},
};
use crate::{api::sample::snapshot, support::console::Ran};

#[test]
fn a_round_trip_uploads_the_snapshot_alone_and_pushes_rows() {
    let world = World::new();
    let splunk = Splunk::start();
    let siem = Rules::start(samples::of("splunk"));
    let folder = world.service.folder();
    let write = |read: &str, more: &str| {
        let text = format!("{read}push = [\"splunk\"]\n{more}\n[splunk]\nurl = \"{}\"\n", splunk.base);
        fs::write(folder.join("sync.toml"), text).unwrap();
    };
    let config = |source: &str, more: &str| write(&rule_export::settings(source, &siem.base).0, more);
    let with = |secret: &str| -> Settings {
        vec![("PEERBENCH_SYNC_TOKEN", secret.to_owned()), ("PEERBENCH_SPLUNK_TOKEN", TOKEN.to_owned())]
    };
    let settings = with(siem::TOKEN);
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

    // Most of what the service has of this feed would be gone: somebody must say that it is right.
    let mut more = snapshot();
    more["cells"] = ["T1003", "T1055", "T1059", "T1486", "T1566"]
        .map(|technique| json!({"technique": technique, "technology": "microsoft.windows", "value": 1}))
        .into();
    more["producer"]["feed"] = json!(9);
    world.member.http.post("/v1/snapshots", &more).expect(201);
    config("splunk", "build = [\"--feed\", \"9\"]");
    run(&[]).failed(1, &["Nothing was stored", "`peerbench snapshot upload --replace`"]);
    assert_eq!(snapshots(), 2);

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
    assert_eq!(snapshots(), 3);
    let left: Vec<String> = fs::read_dir(folder.join("peerbench-sync"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    let mut left = left;
    left.sort();
    assert_eq!(left, ["snapshot.json", "splunk.state", "sync.state"], "the rules are gone");

    // Two runs at once would share the folder of the rules.
    siem.with(|siem| siem.faults.push_back(Some(Fault::Later(429, "3"))));
    let mut command = world.command(&["sync", "sync.toml"], &settings);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("the first run", || siem.take(|siem| siem.faults.is_empty()));
    run(&[]).failed(1, &["peerbench-sync is in use", "Nothing was uploaded"]);
    assert!(running.wait_with_output().unwrap().status.success());

    // A release is published: the rules are as before, and the rows are new.
    world.publish();
    let released = run(&[]).done();
    assert!(
        released.out.contains("Nothing was uploaded.")
            && released.out.contains("rows to Splunk (release 2, "),
        "{}",
        released.out
    );
    assert_eq!(snapshots(), 3);
    let pushed = splunk.take(|collector| latest(collector.events.iter().map(|event| &event["event"])));
    assert_eq!(pushed, latest(&world.rows()));

    // The rules of the others, each a feed of its own.
    for (feed, product) in (3..).zip(PRODUCTS).filter(|(_, product)| *product != "splunk") {
        let siem = Rules::start(samples::of(product));
        let (read, secret) = rule_export::settings(product, &siem.base);
        write(&read, &format!("build = [\"--feed\", \"{feed}\"]"));
        let before = snapshots();
        // Rules are announced that don't come: what the service has stays.
        siem.with(|siem| siem.withheld = 1);
        let settings = with(secret);
        let run = || Ran::of(&mut world.command(&["sync", "sync.toml"], &settings));
        run().failed(3, &["didn't send all of its rules", "Nothing was uploaded"]);
        assert_eq!(snapshots(), before, "{product}");
        siem.with(|siem| siem.withheld = 0);
        assert!(run().done().out.contains("Uploaded "), "{product}");
        assert_eq!(snapshots(), before + 1, "{product}");
    }

    config("splunk", "");
    let refused = Ran::of(&mut world.command(&["sync", "sync.toml"], &with("other")));
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
    let asked = siem.take(|siem| siem.asked.len());
    run(&[]).failed(1, &["of a later version of peerbench"]);
    assert_eq!(siem.take(|siem| siem.asked.len()), asked, "before anything is asked");
}
