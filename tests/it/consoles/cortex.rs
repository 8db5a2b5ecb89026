//! Pushes into a lookup dataset of Cortex.

use std::{collections::BTreeMap, fs};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    receivers::cortex::{Cortex, Dataset, Fault, KEY, KEY_ID},
    world::{Settings, World, latest},
};

const DATASET: &str = "peerbench_comparison";

fn settings(cortex: &Cortex) -> Settings {
    vec![
        ("PEERBENCH_CORTEX_URL", cortex.base.clone()),
        ("PEERBENCH_CORTEX_KEY_ID", KEY_ID.to_owned()),
        ("PEERBENCH_CORTEX_KEY", KEY.to_owned()),
    ]
}

/// The dataset's rows without what is nothing.
fn stored(cortex: &Cortex) -> BTreeMap<String, Value> {
    let without_null = |row: &Map<String, Value>| -> Value {
        row.iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    cortex.take(|tenant| {
        let rows = tenant.datasets[DATASET].rows.iter();
        rows.map(|(key, row)| (key.clone(), without_null(row))).collect()
    })
}

#[track_caller]
fn complete(world: &World, cortex: &Cortex) {
    assert_eq!(stored(cortex), latest(&world.rows()));
    assert!(!cortex.overlapped(), "calls overlapped");
}

#[test]
fn cortex_holds_each_row_once_whatever_happens() {
    let world = World::new();
    let cortex = Cortex::start();
    let settings = settings(&cortex);
    let push = || world.push("cortex", &settings, &[]);
    let faults = |faults: &[Fault]| cortex.with(|tenant| tenant.faults.extend(faults.iter().cloned()));
    // The receiver keeps count of the last ten seconds, as the product does.
    let rested = || cortex.with(|tenant| tenant.rest());

    let first = push().done();
    assert!(first.out.contains("The dataset peerbench_comparison is new."), "{}", first.out);
    complete(&world, &cortex);
    assert!(push().done().out.contains("Nothing was sent."));
    assert_eq!(cortex.take(|tenant| tenant.writes), 1);

    rested();
    world.change(2);
    faults(&[Fault::Later(429, "1"), Fault::Status(500)]);
    push().done();
    complete(&world, &cortex);

    // The answer to the write is lost, and the rows are there.
    rested();
    world.change(3);
    faults(&[Fault::Status(503)]);
    cortex.with(|tenant| tenant.lost_answers = 1);
    push().done();
    complete(&world, &cortex);
    rested();
    world.change(4);
    faults(&[Fault::Status(403)]);
    push().failed(3, &["Data Management"]);
    cortex.with(|tenant| tenant.expired = true);
    let refused = push().failed(3, &["401", "this machine's clock"]);
    assert!(!refused.err.contains(KEY), "{}", refused.err);
    cortex.with(|tenant| tenant.expired = false);
    push().done();
    complete(&world, &cortex);

    // Somebody used up the thousand rows of ten seconds, and no answer says how long to wait.
    cortex.with(|tenant| tenant.busy(900));
    world.change(5);
    push().done();
    complete(&world, &cortex);

    the_other_product(&world, &cortex, &settings);
    rows_that_are_gone(&world, &cortex, &settings);
    a_narrow_dataset(&world, &settings);
}

/// Another name of the request's outer member, and a standard key.
fn the_other_product(world: &World, cortex: &Cortex, settings: &Settings) {
    cortex.with(|tenant| {
        (tenant.envelope, tenant.advanced) = ("request", false);
        tenant.rest();
    });
    let standard: Settings =
        settings.iter().cloned().chain([("PEERBENCH_CORTEX_KEY_TYPE", "standard".to_owned())]).collect();
    world.change(6);
    world.push("cortex", settings, &[]).failed(3, &["401"]);
    world.push("cortex", &standard, &[]).done();
    complete(world, cortex);
    cortex.with(|tenant| (tenant.envelope, tenant.advanced) = ("request_data", true));
}

/// A technique that a later version of ATT&CK doesn't have leaves the dataset.
fn rows_that_are_gone(world: &World, cortex: &Cortex, settings: &Settings) {
    let path = world.state("cortex");
    let mut state: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    state["rows"]["gone"] = json!("1");
    state["rows"]["gone-already"] = json!("1");
    let lines: String = state["rows"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, version)| format!("{key} {}\n", version.as_str().unwrap()))
        .collect();
    let digest: String = Sha256::digest(lines.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    state["digest"] = json!(digest);
    fs::write(&path, state.to_string()).unwrap();
    cortex.with(|tenant| {
        let dataset = tenant.datasets.get_mut(DATASET).unwrap();
        dataset.rows.insert("gone".to_owned(), Map::from_iter([("row_key".to_owned(), json!("gone"))]));
    });
    let pushed = world.push("cortex", settings, &[]).done();
    assert!(pushed.out.contains("and removed 2"), "{}", pushed.out);
    complete(world, cortex);
}

/// A dataset that somebody made with fewer columns drops the others, and the push says so.
fn a_narrow_dataset(world: &World, settings: &Settings) {
    let cortex = Cortex::start();
    let schema = [("row_key", "text"), ("row_version", "text"), ("item", "text"), ("own", "number")];
    let schema = schema.map(|(name, kind)| (name.to_owned(), kind.to_owned())).into();
    let dataset = Dataset { schema, rows: BTreeMap::new(), hidden: 0 };
    cortex.with(|tenant| drop(tenant.datasets.insert(DATASET.to_owned(), dataset)));
    let others = settings.iter().filter(|(name, _)| *name != "PEERBENCH_CORTEX_URL").cloned();
    let settings: Settings = others.chain([("PEERBENCH_CORTEX_URL", cortex.base.clone())]).collect();
    fs::remove_file(world.state("cortex")).unwrap();
    let pushed = world.push("cortex", &settings, &[]).done();
    assert!(
        pushed.out.contains("drops ") && pushed.out.contains("cohort_shown") && pushed.out.contains("p50"),
        "{}",
        pushed.out
    );
}
