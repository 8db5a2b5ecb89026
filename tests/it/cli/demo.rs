//! `peerbench demo`: seeds, publishes, prints and serves, from anywhere and again.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::support::{
    client::Client, console::Ran, people::Credentials, postgres::Database, server::peerbench,
};

/// Enough for `all` to be published, and quick without optimisation.
const FEW: [&str; 3] = ["demo", "--organisations", "60"];

fn demo(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = peerbench(folder, &[]);
    command.args(FEW).args(arguments);
    command
}

#[test]
fn it_prints_the_members_summary_again_and_again() {
    let folder = TempDir::new().unwrap();
    for _ in 0..2 {
        let summary = Ran::of(&mut demo(folder.path(), &["--once", "--format", "json"])).done().json();
        assert_eq!(summary["cohort"], "sector:finance");
        assert_eq!(summary["snapshots"].as_array().unwrap().len(), 2);
        let overall = &summary["overall"];
        assert!((15..=35).contains(&overall["own"]["share"].as_u64().unwrap()), "{overall}");
        // The sector of so small a community is not published, so everybody is the fallback.
        let peers = &overall["fallback"]["peers"];
        assert_eq!((&peers["status"], &peers["cohort"]), (&"released".into(), &"all".into()), "{overall}");
        assert!(peers["p25"].as_u64() < peers["p75"].as_u64(), "{overall}");
        assert_eq!(summary["tactics"].as_array().unwrap().len(), 15);
        assert!(summary["technologies"].as_array().unwrap().len() >= 5);
    }
    assert!(folder.path().join("peerbench-data/peerbench.db").exists());
}

#[test]
fn the_page_is_printed_to_standard_output_and_progress_to_standard_error() {
    let folder = TempDir::new().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rules/sigma");
    let ran = Ran::of(&mut demo(folder.path(), &["--once", &rules.display().to_string()])).done();
    for part in [
        "Harbour Mutual compared with all members (50-99); sector:finance is not released",
        "Overall",
        "By tactic",
        "Furthest below the median",
        "By technology",
        "Close first",
        "The fewest changes to the median",
    ] {
        assert!(ran.out.contains(part), "{part} is not in {}", ran.out);
    }
    for part in [
        "23 rules",
        "61 organisations",
        "Publishing the first release",
        "Publishing the second",
        "published rows are unchanged",
    ] {
        assert!(ran.err.contains(part), "{part} is not in {}", ran.err);
    }
}

#[test]
fn a_community_that_is_too_small_is_refused_with_the_reason() {
    let folder = TempDir::new().unwrap();
    let mut command = peerbench(folder.path(), &[]);
    command.args(["demo", "--once", "--organisations", "10"]);
    Ran::of(&mut command).failed(1, &["at least 20", "--organisations"]);
}

#[test]
fn a_path_without_rules_is_refused_before_anything_is_made() {
    let folder = TempDir::new().unwrap();
    Ran::of(&mut demo(folder.path(), &["--once", "no-such-rules"])).failed(1, &["no-such-rules"]);
    assert!(!folder.path().join("peerbench-data").exists());
}

#[test]
fn a_postgresql_database_must_be_empty() {
    let (folder, database) = (TempDir::new().unwrap(), Database::create());
    let mut once = demo(folder.path(), &["--once"]);
    once.env("PEERBENCH_DATABASE_URL", database.url());
    Ran::of(&mut once).done();
    Ran::of(&mut once).failed(2, &["organisations already"]);
}

/// A demo that serves; it is killed with the value.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_printed_credentials_read_the_printed_comparison() {
    let folder = TempDir::new().unwrap();
    let mut command = demo(folder.path(), &["--port", "0"]);
    let mut serving = Serving(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let lines = BufReader::new(serving.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut text: Vec<String> = Vec::new();
    for line in lines {
        let last = line.starts_with("Ctrl-C");
        text.push(line);
        if last {
            break;
        }
    }
    let value = |name: &str| {
        let line = text.iter().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {text:?}")).to_owned()
    };
    let base = value("export PEERBENCH_CLIENT_URL=");
    let member = Credentials {
        id: value("export PEERBENCH_CLIENT_ID="),
        secret: value("export PEERBENCH_CLIENT_SECRET="),
    };
    // One click signs in at the page, once.
    let link = value(&format!("{base}/app/enter/"));
    let page = Client::new(&base).undocumented();
    // A program that looks at links before anybody follows them doesn't use it up.
    let looked = page.request("HEAD", &format!("/app/enter/{link}")).send().expect(303);
    assert_eq!(looked.header("set-cookie"), None);
    let entered = page.get(&format!("/app/enter/{link}")).expect(303);
    let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let overview = page.request("GET", "/app").header("cookie", &cookie).send().expect(200).text();
    assert!(overview.contains("Harbour Mutual") && overview.contains("of applicable techniques."));
    let again = page.get(&format!("/app/enter/{link}")).expect(200);
    assert!(again.header("set-cookie").is_none() && again.text().contains("used already"));
    let signed_in = |credentials: &Credentials| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.id),
            ("client_secret", &credentials.secret),
        ];
        let answer = Client::new(&base).post_form("/oauth/token", &fields).expect(200).json();
        Client::new(&base).with_token(answer["access_token"].as_str().unwrap())
    };
    let answer = signed_in(&member).get("/v1/comparisons/summary?cohort=sector:finance").expect(200).json();
    assert_eq!(answer["release"]["number"], 2);
    let line = value("operator");
    let mut words = line.split_whitespace().filter(|word| word.len() > 20);
    let operator =
        Credentials { id: words.next().unwrap().to_owned(), secret: words.next().unwrap().to_owned() };
    let organisations = signed_in(&operator).get("/v1/admin/organisations?limit=100").expect(200).json();
    assert_eq!(organisations["items"].as_array().unwrap().len(), 61);
}
