//! A community that an earlier version of the program left behind, on both databases, and what every later version must
//! do with it: open and migrate it, compare, verify its releases, and publish the next one, by the second edition of the
//! rules. That the rules changed must not tell what changed (A42).
//!
//! `tests/data/fixture` holds the two databases, the keys, and the answers of the version that wrote them; its `README.md`
//! says what is in it. **It's never made again**: a later version that needs another fixture makes a second one in a
//! folder of its own (`make.rs`), and this one stays.

mod dump;
mod make;
mod opened;

use std::{collections::BTreeMap, fs, path::Path};

use peerbench::{
    app::{
        Caller, enable_catalogue::enable_catalogue, import_catalogue::import_catalogue,
        publish_release::publish_release,
    },
    domain::{access::ClientId, attack::compact},
    store::{self, Db, OpenOptions},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Store, console::Ran, on_both};
use opened::{Opened, Step};

on_both!(
    the_binary_opens_and_migrates_it,
    comparisons_are_what_they_were,
    what_was_withdrawn_or_set_aside_stays_so,
    its_releases_verify,
    the_next_release_has_these_bytes,
    the_second_edition_tells_nothing_of_one_member,
);

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fixture");

/// The member whose comparisons are expected.
const READER: &str = "0";
/// What the reader asks, of the latest release and of the one before.
const QUESTIONS: [&str; 13] = [
    "/v1/cohorts",
    "/v1/comparisons/summary",
    "/v1/comparisons/summary?release=1",
    "/v1/comparisons/summary?cohort=sector:finance",
    "/v1/comparisons/summary?basis=validated",
    "/v1/comparisons/techniques?limit=1000&coverage=few",
    "/v1/comparisons/techniques?limit=1000&release=1",
    "/v1/comparisons/techniques?limit=1000&granularity=sub&cohort=size:small",
    "/v1/comparisons/techniques?limit=1000&basis=validated",
    "/v1/comparisons/technologies?limit=1000&cohort=sector:finance",
    "/v1/comparisons/cells?limit=1000",
    "/v1/organisation",
    "/v1/snapshots",
];

/// The answers to [`QUESTIONS`].
fn answers(opened: &Opened) -> BTreeMap<&'static str, Value> {
    let reader = opened.member(READER);
    QUESTIONS.map(|question| (question, reader.get(question).expect(200).json())).into()
}

/// SHA-256 of each table of a release, by basis and cohort.
fn digests(db: &Db, release: u32) -> BTreeMap<String, String> {
    let tables = db.read(|conn| store::release::tables(conn, release)).unwrap();
    let digest = |text: &[u8]| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    let of_table = |table: &store::release::Table| {
        (format!("{} {}", table.basis.name(), table.cohort), digest(&table.body.text().unwrap()))
    };
    tables.iter().map(of_table).collect()
}

/// Does some of what the members did after the second release, and publishes the third.
fn publish_third(opened: &Opened, does: impl Fn(&Step) -> bool) {
    opened.clock.set("2026-08-20T10:00:00Z".parse().unwrap());
    for Step { method, path, member, body } in opened.steps().into_iter().filter(does) {
        let client = member.map_or_else(|| opened.operator(), |member| opened.member(&member));
        let answer = client.request(&method, &path).json(&body).send();
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.text());
    }
    opened.clock.set("2026-08-24T10:00:00Z".parse().unwrap());
    of_its_time(opened);
    // Not through the server, which would give way to whatever else the machine does.
    let published = publish_release(opened.app(), &ClientId::new("fixture"), None).unwrap();
    assert_eq!(published.number, 3);
}

/// Lets releases use no other ATT&CK version than the fixture's, with the facts that its program had of it.
fn of_its_time(opened: &Opened) {
    let file = fs::read(Path::new(FOLDER).join("attack-19.0.json.zst")).unwrap();
    let text = String::from_utf8(zstd::decode_all(file.as_slice()).unwrap()).unwrap();
    let caller = Caller::console();
    import_catalogue(opened.app(), &caller, &compact::from_json(&text).unwrap()).unwrap();
    for version in ["19.1", "19.2"] {
        enable_catalogue(opened.app(), &caller, version.parse().unwrap(), false).unwrap();
    }
}

fn expected<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_slice(&fs::read(Path::new(FOLDER).join("expected").join(name)).unwrap()).unwrap()
}

/// Everything that was there is there and the same; a later version may say more. A technique that applies to none of the
/// member's platforms, and that it doesn't assess, is no row any more.
#[track_caller]
fn assert_says(now: &Value, then: &Value, at: &str) {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            // The interval of ranks contains the jitter since the second edition.
            for (name, value) in then.iter().filter(|(name, _)| *name != "ranks") {
                let said = now.get(name).unwrap_or_else(|| panic!("{at}/{name} is gone"));
                assert_says(said, value, &format!("{at}/{name}"));
            }
        }
        (Value::Array(now), Value::Array(then)) => {
            let is_row_still = |row: &&Value| {
                row["own"]["status"] != "not_assessed"
                    || row["technique"].is_null()
                    || now.iter().any(|now| now["technique"] == row["technique"])
            };
            let then: Vec<&Value> = then.iter().filter(is_row_still).collect();
            assert_eq!(now.len(), then.len(), "{at} has another length");
            for (number, (now, then)) in now.iter().zip(then).enumerate() {
                assert_says(now, then, &format!("{at}/{number}"));
            }
        }
        _ => assert_eq!(now, then, "{at}"),
    }
}

/// An answer of the fixture's program in today's contract. Bounds of percentiles are members of their own; an own
/// technology count is placed by its step; what is above equal quantiles is estimated above all of them; a comparison has
/// one denominator, whose words and the levels' are no contract.
fn in_todays_contract(then: &mut Value) {
    match then {
        Value::Object(members) => {
            members.remove("denominator");
            members.remove("levels");
            if members.get("own").is_some_and(|own| own.get("count").is_some()) {
                members.remove("position");
            }
            let row = &members.get("peers").cloned().unwrap_or_default();
            let quantiles = ["p10", "p25", "p50", "p75", "p90"].map(|quantile| row[quantile].as_u64());
            let quantiles: Vec<u64> = quantiles.into_iter().flatten().collect();
            if quantiles.windows(2).any(|pair| pair[0] == pair[1])
                && let Some(Value::Object(position)) = members.get_mut("position")
                && position["percentile_estimate"].is_u64()
            {
                position.remove("percentile_estimate");
            }
            if let Some(Value::Object(bound)) = members.get("percentile_estimate").cloned() {
                members.remove("percentile_estimate");
                members
                    .extend(bound.into_iter().map(|(end, percent)| (format!("percentile_{end}"), percent)));
            }
            members.values_mut().for_each(in_todays_contract);
        }
        Value::Array(items) => items.iter_mut().for_each(in_todays_contract),
        _ => {}
    }
}

fn the_binary_opens_and_migrates_it(store: Store) {
    let opened = Opened::unmigrated(store, Path::new(FOLDER));
    Ran::of(&mut opened.command(&["migrate"])).done();
    let releases = Ran::of(&mut opened.command(&["release", "list", "--format", "json"])).done().json();
    assert_eq!(releases["items"].as_array().or(releases.as_array()).unwrap().len(), 2, "{releases}");
    let db = Db::open(&opened.url, OpenOptions::default()).unwrap();
    assert!(db.is_migrated().unwrap());
}

fn comparisons_are_what_they_were(store: Store) {
    let opened = Opened::serving(store, Path::new(FOLDER));
    let mut then: BTreeMap<String, Value> = expected("answers.json");
    then.values_mut().for_each(in_todays_contract);
    for (question, now) in answers(&opened) {
        assert_says(&now, &then[question], question);
    }
}

fn what_was_withdrawn_or_set_aside_stays_so(store: Store) {
    let opened = Opened::serving(store, Path::new(FOLDER));
    let people = opened.people();
    let withdrawn = &people["withdrawn"];
    let owner = opened.member(withdrawn["member"].as_str().unwrap());
    owner
        .get(&format!("/v1/snapshots/{}", withdrawn["snapshot"].as_str().unwrap()))
        .problem(404, "not-found");
    let quarantined = people["quarantined"].as_str().unwrap();
    let odd = opened.operator().get("/v1/admin/quarantine").expect(200).json();
    assert_eq!(odd["items"].as_array().unwrap().len(), 1, "{odd}");
    assert_eq!(odd["items"][0]["organisation"], people["members"][quarantined]["organisation"]);
    assert_eq!(odd["items"][0]["reason"], "all_equal");
    opened.member(quarantined).get("/v1/comparisons/summary").expect(403);
}

fn its_releases_verify(store: Store) {
    let opened = Opened::serving(store, Path::new(FOLDER));
    for release in ["1", "2"] {
        let number: u32 = release.parse().unwrap();
        let then: BTreeMap<String, String> = expected(&format!("release-{release}.json"));
        assert_eq!(digests(&opened.db, number), then, "release {release}");
        let mut verify = opened.command(&[
            "release",
            "verify",
            release,
            "--download",
            "--release",
            release,
            "--format",
            "json",
        ]);
        let [id, secret] = opened.credentials(READER);
        verify.env("PEERBENCH_CLIENT_ID", id).env("PEERBENCH_CLIENT_SECRET", secret);
        let verified = Ran::of(&mut verify).done().json();
        assert_eq!(verified["release"], number);
        let tables = verified["tables"].as_array().unwrap();
        assert!(tables.len() >= 4 && tables.iter().all(|table| table["as_published"] == true), "{verified}");
        // And once more from the saved files alone.
        Ran::of(&mut opened.command(&["release", "verify", release])).done();
    }
}

/// By the second edition of the rules; `PEERBENCH_WRITE_GOLDEN=1` writes the digests down anew after a change that is meant to
/// change them.
fn the_next_release_has_these_bytes(store: Store) {
    let opened = Opened::serving(store, Path::new(FOLDER));
    publish_third(&opened, |_| true);
    let now = digests(&opened.db, 3);
    if std::env::var_os("PEERBENCH_WRITE_GOLDEN").is_some() {
        let path = Path::new(FOLDER).join("expected/release-3-second-edition.json");
        fs::write(path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let then: BTreeMap<String, String> = expected("release-3-second-edition.json");
    let differ: Vec<&String> =
        then.keys().chain(now.keys()).filter(|of| then.get(*of) != now.get(*of)).collect();
    assert!(differ.is_empty(), "these tables have other bytes than before: {differ:?}");
}

/// A42: the first publication of the second edition shows what the first edition published, whether or not one member changed
/// something since.
fn the_second_edition_tells_nothing_of_one_member(store: Store) {
    let questions =
        QUESTIONS.iter().filter(|question| question.contains("/comparisons/") && !question.contains('='));
    let questions: Vec<&str> = questions
        .copied()
        .chain(["/v1/comparisons/techniques?limit=1000", "/v1/comparisons/groups?limit=1000"])
        .collect();
    let peers = |opened: &Opened, release: u32| -> Vec<Value> {
        let reader = opened.member(READER);
        let of = |question: &&str| {
            let sign = if question.contains('?') { '&' } else { '?' };
            let answer = reader.get(&format!("{question}{sign}release={release}")).expect(200).json();
            let items = answer["items"].as_array().cloned().unwrap_or_default();
            items.iter().map(|item| json!([item["peers"], item["fallback"]["peers"]])).collect::<Value>()
        };
        questions.iter().map(of).collect()
    };
    let published = [None, Some("20")].map(|changes| {
        let opened = Opened::serving(store, Path::new(FOLDER));
        publish_third(&opened, |step| step.member.as_deref() == changes && changes.is_some());
        let (second, third) = (peers(&opened, 2), peers(&opened, 3));
        assert_eq!(third, second, "{changes:?}");
        digests(&opened.db, 3)
    });
    assert_eq!(published[0], published[1]);
    // With every member's changes numbers do change.
    let opened = Opened::serving(store, Path::new(FOLDER));
    publish_third(&opened, |_| true);
    assert_ne!(digests(&opened.db, 3), published[0]);
}
