//! Pushes into Sumo Logic: the HTTP source, the lookup table and the dashboard.

use std::fs;

use super::{
    receivers::sumo::{ACCESS_ID, ACCESS_KEY, CODE, Fault, Sumo},
    world::{Settings, World, latest},
};
use crate::support::console::Ran;

fn settings(sumo: &Sumo) -> Settings {
    vec![
        ("PEERBENCH_SUMO_SOURCE_URL", sumo.source()),
        ("PEERBENCH_SUMO_API_URL", sumo.base.clone()),
        ("PEERBENCH_SUMO_ACCESS_ID", ACCESS_ID.to_owned()),
        ("PEERBENCH_SUMO_ACCESS_KEY", ACCESS_KEY.to_owned()),
    ]
}

#[track_caller]
fn complete(world: &World, sumo: &Sumo) {
    assert_eq!(sumo.take(|account| latest(&account.lines)), latest(&world.rows()));
}

#[test]
fn sumo_logic_gets_logs_a_table_and_a_dashboard() {
    let world = World::new();
    let sumo = Sumo::start();
    let settings = settings(&sumo);
    logs(&world, &sumo, &settings);
    table(&world, &sumo, &settings);
    dashboard(&world, &sumo, &settings);
}

fn logs(world: &World, sumo: &Sumo, settings: &Settings) {
    let push = || world.push("sumo", settings, &[]);
    let faults = |faults: &[Fault]| sumo.with(|account| account.faults.extend(faults.iter().cloned()));
    let first = push().done();
    assert!(first.out.contains("an exhausted ingest budget drops the rows"), "{}", first.out);
    assert_eq!(sumo.take(|account| account.lines.clone()), world.rows());
    assert_eq!(sumo.take(|account| account.categories.clone()), ["peerbench/comparison"]);
    assert!(push().done().out.contains("Nothing was sent."));

    // Throttled, away, partly done, and an answer that is lost.
    world.change(2);
    faults(&[Fault::Later(429, "1"), Fault::Status(503), Fault::Status(504), Fault::Partly(7)]);
    push().done();
    complete(world, sumo);
    world.change(3);
    faults(&[Fault::LostAnswer]);
    push().done();
    complete(world, sumo);

    world.change(4);
    sumo.with(|account| account.source_is_gone = true);
    let refused = push().failed(3, &["PEERBENCH_SUMO_SOURCE_URL"]);
    assert!(!refused.err.contains(CODE), "the address is a secret: {}", refused.err);
    sumo.with(|account| account.source_is_gone = false);
    push().done();
    complete(world, sumo);

    // A budget that is exhausted looks like a success. Without the state file, everything is sent again.
    world.change(5);
    sumo.with(|account| account.drops_silently = true);
    let dropped = push().done();
    assert!(dropped.out.contains("delete the state file"), "{}", dropped.out);
    assert_ne!(sumo.take(|account| latest(&account.lines)), latest(&world.rows()));
    sumo.with(|account| account.drops_silently = false);
    assert!(push().done().out.contains("Nothing was sent."));
    fs::remove_file(world.state("sumo")).unwrap();
    push().done();
    complete(world, sumo);
}

fn table(world: &World, sumo: &Sumo, settings: &Settings) {
    let arguments = ["console", "push", "sumo", "--lookup", "--state", "lookup.state"];
    let push = || Ran::of(&mut world.command(&arguments, settings));
    let first = push().done();
    assert!(
        first.out.contains("The lookup table peerbench_comparison is new, with the ID "),
        "{}",
        first.out
    );
    let csv = world.member.http.get("/v1/console/rows?limit=1000&format=csv").expect(200).text();
    let rows = || sumo.take(|account| account.tables.values().next().unwrap().1.clone());
    assert_eq!(rows(), csv.lines().skip(1).collect::<Vec<_>>());
    assert!(push().done().out.contains("Nothing was sent."));
    world.change(5);
    push().done();
    assert_eq!(sumo.take(|account| (account.tables.len(), account.uploads)), (1, 2), "the same table");

    for end in ["PartialSuccess", "Failed"] {
        world.change(6);
        sumo.with(|account| account.job_end = Some(end));
        push().failed(3, &[end]);
        sumo.with(|account| account.job_end = None);
        push().done();
    }
    let csv = world.member.http.get("/v1/console/rows?limit=1000&format=csv").expect(200).text();
    assert_eq!(rows(), csv.lines().skip(1).collect::<Vec<_>>());
    world.change(7);
    sumo.with(|account| account.key_expired = true);
    let refused = push().failed(3, &["401", "PEERBENCH_SUMO_ACCESS_KEY"]);
    assert!(!refused.err.contains(ACCESS_KEY), "{}", refused.err);
    sumo.with(|account| account.key_expired = false);
    push().done();
}

fn dashboard(world: &World, sumo: &Sumo, settings: &Settings) {
    let arguments = ["console", "push", "sumo", "--dashboard"];
    let imported = Ran::of(&mut world.command(&arguments, settings)).done();
    assert!(imported.out.contains("has imported the dashboard"), "{}", imported.out);
    assert_eq!(sumo.take(|account| account.dashboards.len()), 1);
    sumo.with(|account| account.job_end = Some("Failed"));
    Ran::of(&mut world.command(&arguments, settings)).failed(3, &["Failed"]);
}
