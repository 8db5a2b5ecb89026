//! A snapshot of every source gets from its export into a service, and is what the member's comparison is made of.

use std::{fs, path::Path};

use crate::support::{Store, community::settle, console::Ran, on_both, people::Credentials, server::Service};

on_both!(a_snapshot_of_every_source_is_uploaded_and_compared);

/// Source, basis, and the arguments of `snapshot build`, with paths below `tests/data`.
const BUILDS: [(&str, &str, &[&str]); 11] = [
    ("sigma", "deployed", &["sigma"]),
    ("splunk", "deployed", &["splunk/threat_app"]),
    (
        "navigator",
        "deployed",
        &["navigator/layer.json", "--scale", "rule-count/1", "--technology", "microsoft.windows"],
    ),
    ("elastic", "deployed", &["elastic"]),
    ("sentinel", "deployed", &["sentinel/analytics_rules.json", "--templates", "sentinel/templates"]),
    ("cortex", "deployed", &["cortex"]),
    ("sumo", "deployed", &["sumo/rules.json"]),
    ("chronicle", "deployed", &["chronicle"]),
    ("checkpoint", "deployed", &["checkpoint/protections.json", "--cve-map", "checkpoint/cves.csv"]),
    ("dettect", "deployed", &["dettect"]),
    ("outcomes", "validated", &["outcomes/purple_team.csv", "--map", "acme_wiki=atlassian.cloud"]),
];

fn a_snapshot_of_every_source_is_uploaded_and_compared(store: Store) {
    let service = Service::start(store);
    let members = settle(&service, 40);
    let organisation = members.first().unwrap().id.as_str();
    let created = service.run_json(&["client", "create", "--organisation", organisation, "--format", "json"]);
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    let credentials = Credentials { id: text("client_id"), secret: text("client_secret") };
    for (source, basis, arguments) in BUILDS {
        let file = format!("{source}.json");
        let build =
            [&["snapshot", "build", "-o", &file, "--feed", "9", "--basis", basis], arguments].concat();
        let mut command = service.command(&build);
        Ran::of(command.current_dir(data(&service))).done();
        let mut command = service.command(&["snapshot", "upload", &file]);
        command
            .env("PEERBENCH_CLIENT_ID", &credentials.id)
            .env("PEERBENCH_CLIENT_SECRET", &credentials.secret);
        let told = Ran::of(command.current_dir(data(&service))).done().out;
        assert!(told.contains(&format!("{source} feed 9, basis {basis}.")), "{told}");
    }
    service.run_json(&["release", "publish", "--format", "json"]);
    let member = service.signed_in(&credentials);
    for (source, basis, _) in BUILDS {
        let compared = member.get(&format!("/v1/comparisons/summary?basis={basis}")).expect(200).json();
        let feeds = compared["snapshots"].as_array().unwrap();
        let of_source = |feed: &&serde_json::Value| {
            feed["source"] == source && feed["basis"] == basis && feed["feed"] == 9
        };
        assert_eq!(feeds.iter().filter(of_source).count(), 1, "{source}: {feeds:?}");
    }
}

/// The exports, in the test's own folder, where the snapshots go too.
fn data(service: &Service) -> std::path::PathBuf {
    let copy = service.folder().join("exports");
    if !copy.exists() {
        copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), &copy);
    }
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}
