//! A comparison without sending anything: a saved release and snapshots of one's own, with the numbers that the service has.

use std::fs;

use serde_json::Value;

use crate::support::{
    Store,
    community::settle,
    console::Ran,
    on_both,
    people::{Credentials, Member},
    server::Service,
};

on_both!(a_saved_release_is_compared_with_on_this_computer);

/// A member of the community that may read comparisons.
fn contributor(service: &Service) -> Member {
    let organisations = settle(service, 60);
    service.run_json(&["release", "publish", "--format", "json"]);
    let signed_in = |id: &str| {
        let created = service.run_json(&["client", "create", "--organisation", id, "--format", "json"]);
        let text = |name: &str| created[name].as_str().unwrap().to_owned();
        let credentials = Credentials { id: text("client_id"), secret: text("client_secret") };
        Member { http: service.signed_in(&credentials), organisation: id.to_owned(), credentials }
    };
    let mut members = organisations.iter().map(|organisation| signed_in(organisation.id.as_str()));
    members.find(|member| member.http.get("/v1/comparisons/summary").status == 200).expect("a contributor")
}

/// Everything but the names of the snapshots, which are files here.
fn numbers(mut answer: Value) -> Value {
    answer.as_object_mut().unwrap().remove("snapshots");
    answer
}

fn a_saved_release_is_compared_with_on_this_computer(store: Store) {
    let mut service = Service::start(store);
    let member = contributor(&service);
    let run = |service: &Service, arguments: &[&str]| {
        let mut command = service.command(arguments);
        command.env("PEERBENCH_CLIENT_ID", &member.credentials.id);
        command.env("PEERBENCH_CLIENT_SECRET", &member.credentials.secret);
        Ran::of(&mut command)
    };
    run(&service, &["release", "verify", "saved", "--download"]).done();
    let mut files = Vec::new();
    let listed = member.http.get("/v1/snapshots").expect(200).json();
    for (number, snapshot) in listed["items"].as_array().unwrap().iter().enumerate() {
        let id = snapshot["id"].as_str().unwrap();
        let stored = member.http.get(&format!("/v1/snapshots/{id}")).expect(200).json();
        let file = format!("own-{number}.json");
        fs::write(service.folder().join(&file), stored["snapshot"].to_string()).unwrap();
        files.push(file);
    }
    assert!(!files.is_empty());
    let summary = member.http.get("/v1/comparisons/summary").expect(200).json();
    let list = member
        .http
        .get("/v1/comparisons/techniques?limit=1000&tactic=execution&coverage=half")
        .expect(200)
        .json();
    let table = member.http.get("/v1/comparisons/technologies?limit=1000&format=csv").expect(200).text();

    // Nothing is asked of the service: it is gone.
    service.kill();
    let local = |more: &[&str]| {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let arguments = [&["compare", "--release", "saved", "--local"], files.as_slice(), more].concat();
        Ran::of(service.command(&arguments).env_remove("PEERBENCH_CLIENT_URL"))
    };
    assert_eq!(numbers(local(&["--format", "json"]).done().json()), numbers(summary));
    let narrowed = local(&["--tactic", "execution", "--coverage", "half", "--format", "json"]).done().json();
    assert_eq!(numbers(narrowed), numbers(list));
    assert_eq!(local(&["--list", "technologies", "--format", "csv"]).done().out, table);
    let page = local(&[]).done().out;
    assert!(
        page.starts_with("Your organisation compared with all members (50-99)\nRelease 1, cut-off 20"),
        "{page}"
    );

    local(&["--cohort", "sector:nonsense"]).done();
    local(&["--basis", "validated"]).failed(1, &["None of the snapshots is of the basis validated"]);
    let twice = ["compare", "--release", "saved", "--local", &files[0], &files[0]];
    Ran::of(&mut service.command(&twice)).failed(1, &["second snapshot of its feed"]);
    fs::write(service.folder().join("bad.json"), "{\"schema\": 7}").unwrap();
    let bad = ["compare", "--release", "saved", "--local", "bad.json"];
    Ran::of(&mut service.command(&bad)).failed(1, &["bad.json isn't a valid snapshot:", "/schema: "]);
    Ran::of(&mut service.command(&["compare", "--release", "nowhere", "--local", &files[0]]))
        .failed(1, &["release.json cannot be read", "release verify --download"]);

    // A broken seal, and the keys of another service.
    let other = Service::start(Store::Sqlite);
    let keys = other.anonymous().get("/.well-known/jwks.json").expect(200).text();
    fs::write(service.folder().join("other-keys.json"), keys).unwrap();
    local(&["--keys", "other-keys.json"]).failed(1, &["which the key set does not have"]);
    let file = service.folder().join("saved/deployed.all.json");
    let mut bytes = fs::read(&file).unwrap();
    let digit = bytes.iter().rposition(u8::is_ascii_digit).unwrap();
    bytes[digit] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let refused = local(&["--format", "json"]).failed(1, &["deployed.all.json is not as it was published"]);
    assert_eq!(refused.out, "");
}
