//! The artefacts in `consoles/`, checked by their vendors' own programs where a registry has them, and run against the real
//! server: the Splunk input as splunkd would start it, Sentinel's poller as its definition says, the SmartConsole page in Chromium.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{
    api::sample::snapshot,
    support::{
        Store,
        community::settle,
        people::{Member, Profile},
        server::Service,
        tools::{Tools, done},
    },
};

const CHECKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/consoles");
const TOOLS: Tools = Tools("console-checkers");

fn python(check: &str) -> Command {
    let mut command = TOOLS.python();
    // No compiled files beside the artefacts.
    command.arg("-B").arg(Path::new(CHECKS).join(check));
    command
}

fn node(check: &str) -> Command {
    let mut command = TOOLS.node();
    command.arg(Path::new(CHECKS).join(check)).current_dir(TOOLS.folder());
    command
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

/// The SmartConsole page as the command serves it, until the value ends.
struct Page(Child, String);

impl Page {
    fn serve(service: &Service, member: &Member) -> Self {
        let mut command = service.command(&["console", "serve", "checkpoint", "--listen", "127.0.0.1:0"]);
        let mut child = as_member(&mut command, service, member).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self(child, url)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn splunks_own_programs_accept_the_app() {
    let said = done(&mut python("splunk_app.py"));
    assert!(said.contains("splunk-appinspect: ") && said.contains("slim validate: "), "{said}");
}

#[test]
fn dashboards_keep_their_vendors_rules_and_name_columns_that_rows_have() {
    assert!(done(&mut python("dashboards.py")).contains("ok dashboards"));
}

#[test]
fn microsofts_parser_accepts_the_queries() {
    assert!(done(&mut node("kusto.mjs")).contains("ok "));
}

#[test]
fn artefacts_read_a_running_service() {
    let (service, member) = community();
    let said = done(as_member(&mut python("splunk_input.py"), &service, &member));
    assert_eq!(said.matches("ok ").count(), 5, "{said}");
    let said = done(as_member(&mut python("sentinel.py"), &service, &member));
    assert!(said.contains("ok polls_the_service"), "{said}");
    let pictures = TOOLS.folder().join("pictures");
    fs::create_dir_all(&pictures).unwrap();
    let page = Page::serve(&service, &member);
    let mut chromium = node("checkpoint.mjs");
    chromium.env("PICTURES", pictures).env("PAGE_URL", &page.1);
    let said = done(as_member(&mut chromium, &service, &member));
    assert!(said.contains("ok "), "{said}");
}
