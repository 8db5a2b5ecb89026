//! The artefacts in `consoles/`, checked by their vendors' own programs where a registry has them, and run against the real
//! server: the Splunk input as splunkd would start it, Sentinel's poller as its definition says, the SmartConsole page in Chromium.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    api::sample::snapshot,
    support::{
        Store,
        community::settle,
        people::{Member, Profile},
        server::Service,
    },
};

const CHECKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/consoles");
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/console-checkers");

/// A program of the tools that `scripts/setup test` installs.
fn tool(path: &str) -> PathBuf {
    let path = Path::new(TOOLS).join(path);
    assert!(path.exists(), "{} is missing: run scripts/setup test", path.display());
    path
}

fn python(check: &str) -> Command {
    let mut command = Command::new(tool("venv/bin/python"));
    // No compiled files beside the artefacts.
    command.arg("-B").arg(Path::new(CHECKS).join(check));
    command
}

fn node(check: &str) -> Command {
    let mut command = Command::new(tool("node"));
    command.arg(Path::new(CHECKS).join(check)).current_dir(TOOLS);
    command
}

/// Runs a check and returns its output; panics unless it succeeds and says so.
#[track_caller]
fn passed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed:\n{out}\n{err}");
    out.into_owned()
}

/// A service with a release, and a member with a snapshot that has gaps.
fn community() -> (Service, Member) {
    let service = Service::start(Store::Sqlite);
    settle(&service, 60);
    service.run_json(&["release", "publish", "--format", "json"]);
    let member = service.member(&Profile::named("console"));
    member.http.post("/v1/snapshots", &snapshot()).expect(201);
    (service, member)
}

fn as_member<'a>(command: &'a mut Command, service: &Service, member: &Member) -> &'a mut Command {
    command
        .env("PEERBENCH_CLIENT_URL", service.base())
        .env("PEERBENCH_CLIENT_ID", &member.credentials.id)
        .env("PEERBENCH_CLIENT_SECRET", &member.credentials.secret)
}

#[test]
fn splunks_own_programs_accept_the_app() {
    let said = passed(&mut python("splunk_app.py"));
    assert!(said.contains("splunk-appinspect: ") && said.contains("slim validate: "), "{said}");
}

#[test]
fn dashboards_keep_their_vendors_rules_and_name_columns_that_rows_have() {
    assert!(passed(&mut python("dashboards.py")).contains("ok dashboards"));
}

#[test]
fn microsofts_parser_accepts_the_queries() {
    assert!(passed(&mut node("kusto.mjs")).contains("ok "));
}

#[test]
fn artefacts_read_a_running_service() {
    let (service, member) = community();
    let said = passed(as_member(&mut python("splunk_input.py"), &service, &member));
    assert_eq!(said.matches("ok ").count(), 5, "{said}");
    let said = passed(as_member(&mut python("sentinel.py"), &service, &member));
    assert!(said.contains("ok polls_the_service"), "{said}");
    let pictures = Path::new(TOOLS).join("pictures");
    fs::create_dir_all(&pictures).unwrap();
    let said = passed(as_member(&mut node("checkpoint.mjs"), &service, &member).env("PICTURES", pictures));
    assert!(said.contains("ok "), "{said}");
}
