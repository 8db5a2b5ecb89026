//! Rules out of five products by their read APIs: whole, or not at all. `sync --dry-run` stops before the service is asked.

use std::{fs, path::Path};

use super::{
    receivers::{
        cortex,
        entra::{CLIENT, SECRET, TENANT},
        http::{Response, serve},
        siem::{Fault, Rules, TOKEN, WORKSPACE},
        sumo::ACCESS_ID,
    },
    samples::{self, Lists, PRODUCTS},
};
use crate::support::{console::Ran, server::peerbench, shared_data::shared_data};

/// The settings that read the rules of a product, as a section of a file, and the secret.
pub fn settings(product: &str, base: &str) -> (String, &'static str) {
    let (path, more, secret) = match product {
        "sentinel" => {
            let more = format!("account = \"{CLIENT}\"\ntenant_id = \"{TENANT}\"\nlogin = \"{base}\"\n");
            (WORKSPACE, more, SECRET)
        }
        "sumo" => ("", format!("account = \"{ACCESS_ID}\"\n"), TOKEN),
        "cortex" => ("", format!("account = \"{}\"\n", cortex::KEY_ID), cortex::KEY),
        _ => ("", String::new(), TOKEN),
    };
    (format!("[sync]\nsource = \"{product}\"\nurl = \"{base}{path}\"\n{more}"), secret)
}

/// A folder with a settings file for one product.
struct Machine {
    folder: tempfile::TempDir,
    product: &'static str,
    siem: Rules,
    secret: &'static str,
}

impl Machine {
    fn new(product: &'static str, lists: &Lists, page: usize) -> Self {
        let siem = Rules::start(lists.clone());
        siem.with(|siem| siem.page = page);
        let folder = tempfile::tempdir().unwrap();
        let (text, secret) = settings(product, &siem.base);
        fs::write(folder.path().join("sync.toml"), text).unwrap();
        Self { folder, product, siem, secret }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Reads the rules and builds the snapshot.
    fn read(&self) -> Ran {
        let mut command = peerbench(self.path(), &[]);
        Ran::of(command.args(["sync", "sync.toml", "--dry-run"]).env("PEERBENCH_SYNC_TOKEN", self.secret))
    }

    fn snapshot(&self) -> String {
        fs::read_to_string(self.path().join("peerbench-sync/snapshot.json")).unwrap()
    }

    /// The snapshot of the same rules, saved by hand.
    fn by_hand(&self, lists: &Lists) -> String {
        let folder = self.path().join("saved");
        fs::create_dir(&folder).unwrap();
        for (name, text) in samples::files(self.product, lists) {
            fs::write(folder.join(name), text).unwrap();
        }
        let mut command = peerbench(self.path(), &[]);
        Ran::of(command.args(["snapshot", "build", "saved", "--from", self.product, "-o", "by-hand.json"]))
            .done();
        fs::read_to_string(self.path().join("by-hand.json")).unwrap()
    }

    #[track_caller]
    fn refused(&self, told: &[&str]) {
        let ran = self.read().failed(3, told).failed(3, &["Nothing was uploaded."]);
        assert!(!ran.err.contains(self.secret), "{}", ran.err);
        assert!(
            !self.path().join("peerbench-sync/snapshot.json").exists(),
            "{}: nothing is built",
            self.product
        );
        assert!(!self.path().join("peerbench-sync/rules").exists(), "{}: no rule stays", self.product);
    }

    fn faults(&self, faults: &[Option<Fault>]) {
        self.siem.with(|siem| siem.faults = faults.iter().cloned().collect());
    }
}

#[test]
fn pages_make_the_same_snapshot_as_the_whole_list() {
    for product in PRODUCTS {
        let lists = samples::of(product);
        let machine = Machine::new(product, &lists, 2);
        machine.read().done();
        assert_eq!(machine.snapshot(), machine.by_hand(&lists), "{product}");
        assert!(machine.snapshot().contains("\"complete\""), "{product}: {}", machine.snapshot());
        let asked = machine.siem.take(|siem| siem.asked.clone());
        let pages: usize = lists.values().map(|rules| rules.len().div_ceil(2)).sum();
        assert!(product == "splunk" || asked.len() >= pages, "{product}: {asked:?}");
        let reads = |request: &String| {
            request.starts_with("GET ")
                || ["/oauth2/v2.0/token", "/correlations/get", "/bioc/get"]
                    .iter()
                    .any(|end| request.ends_with(end))
        };
        assert!(asked.iter().all(reads), "{product}: {asked:?}");
    }
}

#[test]
fn real_rules_come_out_whole() {
    let Some(data) = shared_data() else { return };
    for (product, file, list, pointer) in [
        ("sentinel", "sentinel_alertRules_list.json", "rules", "/value"),
        ("sumo", "sumo_rules_api.json", "rules", "/data/objects"),
        ("cortex", "cortex_correlations_get.json", "correlations", "/objects"),
        ("splunk", "splunk_saved_searches.json", "rules", "/entry"),
    ] {
        let text = fs::read_to_string(data.join("derived").join(file)).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut lists =
            Lists::from([(list.to_owned(), document.pointer(pointer).unwrap().as_array().unwrap().clone())]);
        if product == "cortex" {
            lists.insert("bioc".to_owned(), Vec::new());
        }
        let machine = Machine::new(product, &lists, 37);
        machine.read().done();
        assert_eq!(machine.snapshot(), machine.by_hand(&lists), "{product}");
    }
}

#[test]
fn what_passes_is_asked_again() {
    for product in PRODUCTS {
        let lists = samples::of(product);
        let machine = Machine::new(product, &lists, 2);
        let first = if product == "splunk" { Some(Fault::Status(503)) } else { None };
        machine.faults(&[
            first,
            Some(Fault::Later(429, "1")),
            None,
            Some(Fault::Cut),
            Some(Fault::Truncated),
        ]);
        machine.read().done();
        assert_eq!(machine.snapshot(), machine.by_hand(&lists), "{product}");
        // A rule is deleted between two pages: the others move up, and one would be skipped.
        if product != "splunk" && product != "sentinel" {
            machine.faults(&[None, Some(Fault::Deleted)]);
            machine.read().done();
            let left = machine.siem.take(|siem| siem.lists.clone());
            fs::remove_dir_all(machine.path().join("saved")).unwrap();
            assert_eq!(machine.snapshot(), machine.by_hand(&left), "{product}");
        }
    }
}

#[test]
fn a_list_that_lacks_rules_makes_no_snapshot() {
    for product in PRODUCTS {
        let machine = Machine::new(product, &samples::of(product), 2);
        machine.siem.with(|siem| siem.withheld = 7);
        machine.refused(&["didn't send all of its rules"]);
        machine.siem.with(|siem| siem.withheld = 0);
        machine.faults(&[Some(Fault::Page)]);
        machine.refused(&["The answer isn't a list of rules as", "sync.url"]);
        machine.faults(&[Some(Fault::Status(403))]);
        machine.refused(&["(403)"]);
        machine.read().done();
    }
    // The connection is cut in the middle of the list, time and again.
    let machine = Machine::new("sumo", &samples::of("sumo"), 2);
    let cut = std::iter::repeat_n(Some(Fault::Cut), 5);
    machine.faults(&[None].into_iter().chain(cut).collect::<Vec<_>>());
    machine.refused(&["doesn't answer", "(5 attempts)"]);
    // Cortex' count may be of a page: then the empty page after the last is the end.
    let lists = samples::of("cortex");
    let machine = Machine::new("cortex", &lists, 2);
    machine.siem.with(|siem| siem.counts_pages = true);
    machine.read().done();
    assert_eq!(machine.snapshot(), machine.by_hand(&lists));
}

#[test]
fn credentials_that_expired_are_named_and_not_repeated() {
    for (product, told) in [
        (
            "sentinel",
            "invalid_client AADSTS7000222. Check sync.tenant_id, sync.account and PEERBENCH_SYNC_TOKEN",
        ),
        ("sumo", "Check sync.account and PEERBENCH_SYNC_TOKEN, which may have expired"),
        ("cortex", "Check sync.account, sync.key_type and PEERBENCH_SYNC_TOKEN, which may have expired"),
    ] {
        let machine = Machine::new(product, &samples::of(product), 2);
        machine.siem.with(|siem| siem.expired = true);
        machine.refused(&[told]);
    }
    for product in ["splunk", "elastic"] {
        let machine =
            Machine { secret: "hush-of-last-year", ..Machine::new(product, &samples::of(product), 2) };
        machine.refused(&["Check PEERBENCH_SYNC_TOKEN, which may have expired"]);
    }
    // A token of Entra ends in the middle of the list, and another is taken.
    let lists = samples::of("sentinel");
    let machine = Machine::new("sentinel", &lists, 1);
    machine.siem.with(|siem| siem.token_pages = 2);
    machine.read().done();
    assert!(machine.siem.take(|siem| siem.tokens) > 1);
    assert_eq!(machine.snapshot(), machine.by_hand(&lists));
}

#[test]
fn a_list_that_goes_on_elsewhere_is_not_followed() {
    let other = serve(|_| -> Response { panic!("the token would be another server's") });
    let machine = Machine::new("sentinel", &samples::of("sentinel"), 2);
    machine.siem.with(|siem| siem.elsewhere = Some(other.base.clone()));
    machine.refused(&["goes on at another server"]);
}

#[test]
fn settings_that_lack_something_are_refused_before_anything_is_asked() {
    for product in PRODUCTS {
        let machine = Machine::new(product, &samples::of(product), 2);
        let text = fs::read_to_string(machine.path().join("sync.toml")).unwrap();
        let with = |text: String, code: i32, told: &str| {
            fs::write(machine.path().join("sync.toml"), text).unwrap();
            machine.read().failed(code, &[told]);
        };
        if ["sentinel", "sumo", "cortex"].contains(&product) {
            with(text.replace("account", "cohort"), 2, "set PEERBENCH_SYNC_ACCOUNT");
        }
        if product == "sentinel" {
            with(text.replace("tenant_id", "cohort"), 2, "set PEERBENCH_SYNC_TENANT_ID");
            with(text.replace("/workspaces/", "/rooms/"), 1, "no address of a workspace");
            with(format!("{text}cloud = \"moon\"\n"), 2, "us-government");
        }
        with(format!("{text}key_type = \"golden\"\n"), 2, "sync.key_type is invalid");
        with(text.replace("http://127.0.0.1", "http://siem.example"), 1, "https://");
        with(format!("{text}build = [\"--from\", \"sigma\"]\n"), 2, "must not have --from");
        assert!(machine.siem.take(|siem| siem.asked.len()) <= 8, "{product}");
    }
}
