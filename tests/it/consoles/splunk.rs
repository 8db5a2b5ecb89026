//! Pushes into Splunk's HTTP Event Collector.

use std::{process::Child, time::Duration};

use serde_json::Value;

use super::{
    receivers::splunk::{Fault, Splunk, TOKEN},
    world::{Settings, World, latest},
};
use crate::support::console::Ran;

fn settings(splunk: &Splunk) -> Settings {
    vec![
        ("PEERBENCH_SPLUNK_URL", splunk.base.clone()),
        ("PEERBENCH_SPLUNK_TOKEN", TOKEN.to_owned()),
        ("PEERBENCH_SPLUNK_INDEX", "peerbench".to_owned()),
    ]
}

fn rows(splunk: &Splunk) -> Vec<Value> {
    splunk.take(|collector| collector.events.iter().map(|event| event["event"].clone()).collect())
}

/// Splunk has the latest version of every row.
#[track_caller]
fn complete(world: &World, splunk: &Splunk) {
    let rows = rows(splunk);
    assert_eq!(latest(&rows), latest(&world.rows()));
}

fn ended(child: Child) -> (i32, String, String) {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn splunk_gets_every_change_and_nothing_twice() {
    let world = World::new();
    let splunk = Splunk::start();
    let settings = settings(&splunk);
    let push = || world.push("splunk", &settings, &[]);
    let count = world.rows().len();

    let first = push().done();
    assert!(
        first
            .out
            .starts_with(&format!("Sent {count} of {count} rows to Splunk (release 1, your values as of ")),
        "{}",
        first.out
    );
    assert_eq!(rows(&splunk), world.rows(), "in order, as the service has them");
    splunk.take(|collector| {
        let event = &collector.events[0];
        assert_eq!(
            (&event["index"], &event["sourcetype"]),
            (&"peerbench".into(), &"peerbench:comparison".into())
        );
    });
    let again = push().done();
    assert!(again.out.contains("Nothing was sent."), "{}", again.out);
    assert_eq!(rows(&splunk).len(), count);

    world.change(20);
    let report = world.push("splunk", &settings, &["--format", "json"]).done().json();
    assert_eq!((&report["sent"], &report["notes"]), (&count.into(), &Value::Array(Vec::new())));
    assert_eq!(rows(&splunk).len(), 2 * count);
    complete(&world, &splunk);

    // A change while rows are under way is pushed in the same run.
    world.change(1);
    splunk.with(|collector| collector.faults.push_back(Fault::Slow(Duration::from_secs(2))));
    let pushing = world.push_under_way("splunk", &settings);
    world.change(2);
    let (code, out, err) = ended(pushing);
    assert_eq!(code, 0, "{err}");
    assert_eq!(out.matches("Sent ").count(), 2, "{out}");
    complete(&world, &splunk);
    assert!(push().done().out.contains("Nothing was sent."));
}

#[test]
fn splunk_on_a_bad_day_loses_nothing() {
    let world = World::new();
    let splunk = Splunk::start();
    let settings = settings(&splunk);
    let push = || world.push("splunk", &settings, &[]);
    let count = world.rows().len();
    let faults = |faults: &[Fault]| splunk.with(|collector| collector.faults.extend(faults.iter().cloned()));

    // What passes is tried again, not before Splunk says so.
    faults(&[Fault::Later(503, 9, "1"), Fault::Code(500, 8), Fault::Code(429, 0)]);
    push().done();
    assert_eq!(splunk.take(|collector| (collector.requests, collector.events.len())), (4, count));

    // What doesn't pass is not tried again, and a success that says another code is none.
    for (fault, code) in [
        (Fault::Code(200, 6), "code 6"),
        (Fault::Page(200), "The answer isn't Splunk's"),
        (Fault::Half(10), "event 10"),
    ] {
        world.change(3);
        let requests = splunk.take(|collector| collector.requests);
        faults(&[fault]);
        push().failed(3, &[code]);
        assert_eq!(splunk.take(|collector| collector.requests), requests + 1, "{code}");
        let next = push().done();
        assert!(next.out.contains("may hold them twice"), "{}", next.out);
        complete(&world, &splunk);
    }
    every_code(&world, &splunk, &settings);
    // Lost answers: Splunk has the rows, and gets them again.
    for fault in [Fault::LostAnswer, Fault::Truncated] {
        world.change(4);
        let before = rows(&splunk).len();
        faults(&[fault]);
        push().done();
        assert_eq!(rows(&splunk).len(), before + 2 * count);
        complete(&world, &splunk);
    }
    // A day without Splunk.
    world.change(5);
    let others = settings.iter().filter(|(name, _)| *name != "PEERBENCH_SPLUNK_URL").cloned();
    let away: Settings = others.chain([("PEERBENCH_SPLUNK_URL", "http://127.0.0.1:9".to_owned())]).collect();
    let arguments = ["console", "push", "splunk", "--state", "other.state"];
    Ran::of(&mut world.command(&arguments, &away))
        .failed(3, &["Splunk at 127.0.0.1 doesn't answer", "(5 attempts)"]);
    push().done();
    complete(&world, &splunk);

    // The token asks for acknowledgement, which comes late, or is lost.
    splunk.with(|collector| (collector.acknowledges, collector.ack_after) = (true, 2));
    world.change(6);
    push().done();
    complete(&world, &splunk);
    splunk.with(|collector| collector.loses_acks = true);
    world.change(7);
    push().failed(3, &["hasn't acknowledged it"]);
    splunk.with(|collector| collector.loses_acks = false);
    push().done();
    complete(&world, &splunk);

    splunk.with(|collector| collector.expired = true);
    world.change(8);
    let refused = push().failed(3, &["Token disabled (code 1)", "Enable the token."]);
    assert!(!refused.err.contains(TOKEN), "{}", refused.err);
    splunk.with(|collector| collector.expired = false);
    push().done();
    complete(&world, &splunk);
}

/// Each code of the collector that doesn't pass is named, and nothing is sent again.
fn every_code(world: &World, splunk: &Splunk, settings: &Settings) {
    let form = "takes events in another form";
    let acknowledgement = "setting for acknowledgement";
    let token = "Check PEERBENCH_SPLUNK_TOKEN.";
    world.change(20);
    for (status, code, told) in [
        (403, 1, "Enable the token."),
        (401, 2, token),
        (401, 3, token),
        (403, 4, token),
        (400, 5, form),
        (400, 6, form),
        (400, 7, "Check splunk.index"),
        (400, 10, acknowledgement),
        (400, 11, acknowledgement),
        (400, 12, form),
        (400, 13, form),
        (400, 14, acknowledgement),
        (400, 15, form),
        (400, 16, acknowledgement),
    ] {
        let (requests, events) = splunk.take(|collector| (collector.requests, collector.events.len()));
        splunk.with(|collector| collector.faults.push_back(Fault::Code(status, code)));
        world.push("splunk", settings, &[]).failed(3, &[&format!("(code {code}"), told]);
        let after = splunk.take(|collector| (collector.requests, collector.events.len()));
        assert_eq!(after, (requests + 1, events), "code {code}");
    }
    world.push("splunk", settings, &[]).done();
    complete(world, splunk);
}

#[test]
fn a_push_that_is_killed_goes_on_and_two_do_not_run_at_once() {
    let world = World::new();
    let splunk = Splunk::start();
    let settings = settings(&splunk);
    let slow = || splunk.with(|collector| collector.faults.push_back(Fault::Slow(Duration::from_secs(3))));

    slow();
    let mut killed = world.push_under_way("splunk", &settings);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let next = world.push("splunk", &settings, &[]).done();
    let count = world.rows().len();
    assert!(next.out.contains(&format!("ended while {count} rows were under way")), "{}", next.out);
    complete(&world, &splunk);
    assert!(world.push("splunk", &settings, &[]).done().out.contains("Nothing was sent."));

    world.change(9);
    slow();
    let first = world.push_under_way("splunk", &settings);
    let events = rows(&splunk).len();
    world.push("splunk", &settings, &[]).failed(1, &["splunk.state is in use", "Nothing was sent"]);
    let (code, _, err) = ended(first);
    assert_eq!(code, 0, "{err}");
    assert!(rows(&splunk).len() <= events + 2 * count);
    complete(&world, &splunk);
}
