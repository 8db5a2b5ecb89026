//! The commands that talk to a service, against the real one.

use std::{fs, path::PathBuf, process::Command};

use serde_json::{Value, json};

use crate::support::{
    Store,
    console::Ran,
    on_both,
    people::{Credentials, Profile},
    server::Service,
};

on_both!(a_snapshot_is_checked_and_uploaded, what_the_service_refuses_is_told_with_every_place);

/// A command of a member's own machine: it has the service's address and credentials, and no database.
fn client(service: &Service, credentials: &Credentials, arguments: &[&str]) -> Command {
    let mut command = service.command(arguments);
    command
        .env_remove("PEERBENCH_DATABASE_URL")
        .env_remove("PEERBENCH_DATA_DIR")
        .env("PEERBENCH_CLIENT_ID", &credentials.id)
        .env("PEERBENCH_CLIENT_SECRET", &credentials.secret);
    command
}

fn snapshot(feed: u8) -> Value {
    json!({
        "schema": "coverage-snapshot/1", "period": "2026-01",
        "attack": {"domain": "enterprise-attack", "version": "18.1"},
        "producer": {"source": "splunk", "feed": feed, "adapter": "0.1.0"},
        "basis": "deployed", "window_days": 180, "scale": "rule-count/1",
        "technologies": ["microsoft.windows"], "complete": ["microsoft.windows"],
        "cells": [{"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
                  {"technique": "T1562.001", "technology": "microsoft.windows", "value": 1}]
    })
}

fn write(service: &Service, name: &str, snapshot: &Value) -> PathBuf {
    let path = service.folder().join(name);
    fs::write(&path, snapshot.to_string()).unwrap();
    path
}

fn a_snapshot_is_checked_and_uploaded(store: Store) {
    let service = Service::start(store);
    let member = service.newcomer(&Profile::named("Acme"));
    write(&service, "first.json", &snapshot(1));
    write(&service, "second.json", &snapshot(2));
    let run = |arguments: &[&str]| Ran::of(&mut client(&service, &member.credentials, arguments));

    let checked = run(&["snapshot", "check", "first.json"]).done().out;
    assert!(checked.starts_with("The service would accept this snapshot (2 cells).\n"), "{checked}");
    assert!(checked.contains("T1562.001 -> T1685"), "what ATT&CK 19.0 changes is told: {checked}");
    assert_eq!(member.http.get("/v1/snapshots").expect(200).json()["items"], json!([]), "nothing is kept");

    let uploaded = run(&["snapshot", "upload", "first.json", "--format", "json"]).done().json();
    let id = uploaded["snapshot"]["id"].as_str().unwrap();
    assert_eq!(uploaded["snapshot"]["cells"], 2);
    let two = run(&["snapshot", "upload", "first.json", "second.json"]).done().out;
    assert_eq!(two.matches("Uploaded ").count(), 2, "{two}");
    assert!(two.contains("2 cells, period 2026-01, splunk feed 2, basis deployed."), "{two}");
    let kept = member.http.get("/v1/snapshots").expect(200).json();
    assert_eq!(kept["items"].as_array().unwrap().len(), 3, "each upload is one: {kept}");

    // Withdrawn and uploaded again, the same content is there again.
    member.http.delete(&format!("/v1/snapshots/{id}")).expect(204);
    let again = run(&["snapshot", "upload", "first.json", "--format", "json"]).done().json();
    let again = again["snapshot"]["id"].as_str().unwrap();
    member.http.get(&format!("/v1/snapshots/{again}")).expect(200);
}

fn what_the_service_refuses_is_told_with_every_place(store: Store) {
    let service = Service::start(store);
    let member = service.newcomer(&Profile::named("Acme"));
    let run = |arguments: &[&str]| Ran::of(&mut client(&service, &member.credentials, arguments));
    let mut wrong = snapshot(1);
    wrong["cells"][0]["value"] = json!(21);
    wrong["cells"][1]["technique"] = json!("T9999");
    write(&service, "wrong.json", &wrong);
    for command in ["check", "upload"] {
        run(&["snapshot", command, "wrong.json"]).failed(
            1,
            &["wrong.json: The service refused the request", "/cells/0/value:", "/cells/1/technique:"],
        );
    }
    // What is no snapshot at all may hold anything, and stays here.
    let mut more = snapshot(1);
    more["host"] = json!("dc01");
    write(&service, "more.json", &more);
    write(
        &service,
        "searches.json",
        &json!({"entry": [{"name": "a rule", "content": {"search": "index=x"}}]}),
    );
    for (file, why) in [("more.json", "No snapshot has /host."), ("searches.json", "schema")] {
        for command in ["check", "upload"] {
            run(&["snapshot", command, file]).failed(1, &[file, "nothing was sent", why]);
        }
        run(&["what-if", "--snapshot", file]).failed(1, &[file, "nothing was sent", why]);
    }
    write(&service, "right.json", &snapshot(1));
    let some = run(&["snapshot", "upload", "right.json", "wrong.json"]).failed(1, &["wrong.json:"]);
    assert!(some.out.contains("Uploaded "), "what was uploaded before is told: {}", some.out);
    let kept = member.http.get("/v1/snapshots").expect(200).json();
    assert_eq!(kept["items"].as_array().unwrap().len(), 1, "{kept}");
    run(&["snapshot", "upload", "right.json", "absent.json"]).failed(1, &["absent.json"]);
    let kept = member.http.get("/v1/snapshots").expect(200).json();
    assert_eq!(kept["items"].as_array().unwrap().len(), 1, "files are read before anything is sent: {kept}");
}

#[test]
fn without_credentials_a_service_or_a_token_the_commands_say_what_is_missing() {
    let service = Service::start(Store::Sqlite);
    let member = service.newcomer(&Profile::named("Acme"));
    write(&service, "snapshot.json", &snapshot(1));
    for command in [
        &["snapshot", "check", "snapshot.json"] as &[&str],
        &["snapshot", "upload", "snapshot.json"],
        &["compare"],
        &["compare", "--tactic", "execution", "--format", "csv"],
    ] {
        let with = |change: &dyn Fn(&mut Command) -> &mut Command| {
            let mut command = client(&service, &member.credentials, command);
            change(&mut command);
            Ran::of(&mut command)
        };
        with(&|c| c.env_remove("PEERBENCH_CLIENT_URL")).failed(2, &["set PEERBENCH_CLIENT_URL"]);
        with(&|c| c.env_remove("PEERBENCH_CLIENT_ID")).failed(2, &["set PEERBENCH_CLIENT_ID"]);
        with(&|c| c.env_remove("PEERBENCH_CLIENT_SECRET")).failed(2, &["set PEERBENCH_CLIENT_SECRET"]);
        let wrong = with(&|c| c.env("PEERBENCH_CLIENT_SECRET", "pbs_hush"));
        let wrong =
            wrong.failed(3, &["invalid_client", "Check PEERBENCH_CLIENT_ID and PEERBENCH_CLIENT_SECRET"]);
        assert!(!wrong.err.contains("pbs_hush"), "{}", wrong.err);
        let none = with(&|c| c.env("PEERBENCH_CLIENT_URL", "http://127.0.0.1:9"));
        let none = none.failed(
            3,
            &["http://127.0.0.1:9 doesn't answer: nothing listens there.", "PEERBENCH_CLIENT_URL"],
        );
        assert!(!none.err.contains("--catalogue"), "{}", none.err);
        with(&|c| c.env("PEERBENCH_CLIENT_URL", "127.0.0.1:8080"))
            .failed(2, &["PEERBENCH_CLIENT_URL is '127.0.0.1:8080'", "must begin with https:// or http://"]);
    }
}
