//! A push that keeps running, and releases that are published while one is under way.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;

use super::{
    receivers::{
        cortex::{self, Cortex},
        splunk::{Fault, Splunk, TOKEN},
    },
    world::{Settings, World, latest, until},
};
use crate::support::console::Ran;

fn settings(splunk: &Splunk) -> Settings {
    vec![("PEERBENCH_SPLUNK_URL", splunk.base.clone()), ("PEERBENCH_SPLUNK_TOKEN", TOKEN.to_owned())]
}

fn rows(splunk: &Splunk) -> Vec<Value> {
    splunk.take(|collector| collector.events.iter().map(|event| event["event"].clone()).collect())
}

fn has_all(world: &World, splunk: &Splunk) -> bool {
    latest(&rows(splunk)) == latest(&world.rows())
}

/// Says that no version of a row came twice.
fn nothing_is_doubled(rows: &[Value]) -> bool {
    let versions: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| (row["row_key"].as_str().unwrap(), row["row_version"].as_str().unwrap()))
        .collect();
    versions.len() == rows.len()
}

/// A watch, killed with the value.
struct Watch<'a> {
    world: &'a World,
    child: Child,
}

impl<'a> Watch<'a> {
    fn start(world: &'a World, settings: &Settings) -> Self {
        let file = |name: &str| File::create(world.service.folder().join(name)).unwrap();
        let mut command = world.push_command("splunk", settings, &["--watch", "--every", "1"]);
        let child = command.stdout(file("watch.out")).stderr(file("watch.err")).spawn().unwrap();
        Self { world, child }
    }

    fn told(&self, file: &str) -> String {
        fs::read_to_string(self.world.service.folder().join(file)).unwrap()
    }

    #[track_caller]
    fn says(&self, file: &str, text: &str) {
        until(text, || self.told(file).contains(text));
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_watch_sends_each_change_once_and_outlives_what_goes_wrong() {
    let mut world = World::new();
    let splunk = Splunk::start();
    let settings = settings(&splunk);
    {
        let watch = Watch::start(&world, &settings);
        until("the first rows", || has_all(&world, &splunk));
        watch.says("watch.out", "rows to Splunk (release 1, ");
        world.push("splunk", &settings, &[]).failed(1, &["splunk.state is in use", "Nothing was sent"]);
        world.change(2);
        until("the change", || has_all(&world, &splunk));
        world.publish();
        until("the release", || has_all(&world, &splunk));
        watch.says("watch.out", "rows to Splunk (release 2, ");

        // The console is down for longer than a push waits.
        splunk.with(|collector| collector.faults.extend(std::iter::repeat_n(Fault::Code(503, 9), 5)));
        world.change(3);
        watch.says("watch.err", "(5 attempts)");
        until("the rows after the console is back", || has_all(&world, &splunk));
        // The credentials expire, and somebody renews them.
        splunk.with(|collector| collector.expired = true);
        world.change(4);
        watch.says("watch.err", "Enable the token.");
        splunk.with(|collector| collector.expired = false);
        until("the rows after the token is renewed", || has_all(&world, &splunk));
        assert!(nothing_is_doubled(&rows(&splunk)));
    }
    // The service is away, and comes back.
    world.service.kill();
    let away = Watch::start(&world, &settings);
    away.says("watch.err", "doesn't answer");
    drop(away);
    world.service.start_again();
    let next = world.push("splunk", &settings, &[]).done();
    assert!(next.out.contains("Nothing was sent."), "{}", next.out);
    // What a watch can't mend ends it.
    let mut command = world.command(
        &["console", "push", "splunk", "--state", "other.state", "--watch", "--cohort", "sector:finance"],
        &settings,
    );
    Ran::of(&mut command).failed(1, &["sector:finance isn't released"]);
}

/// A request that is held until a release has been published.
fn held(splunk: &Splunk) -> Arc<AtomicBool> {
    let gate = Arc::new(AtomicBool::new(false));
    splunk.with(|collector| collector.faults.push_back(Fault::Held(Arc::clone(&gate))));
    gate
}

#[test]
fn a_release_in_the_middle_of_a_push_is_sent_after_it() {
    let world = World::new();
    let splunk = Splunk::start();
    let settings = settings(&splunk);
    let count = world.rows().len();

    // The same run goes on with the new release.
    let gate = held(&splunk);
    let pushing = world.push_under_way("splunk", &settings);
    world.publish();
    gate.store(true, Ordering::SeqCst);
    let output = pushing.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{err}");
    assert!(out.contains(&format!("Sent {count} of {count} rows to Splunk (release 1, ")), "{out}");
    assert!(out.contains(" rows to Splunk (release 2, "), "{out}");
    assert!(has_all(&world, &splunk));
    assert!(world.push("splunk", &settings, &[]).done().out.contains("Nothing was sent."));

    // The run is killed while a release is published: the next one says what was under way, and sends the new release.
    world.change(2);
    let gate = held(&splunk);
    let mut pushing = world.push_under_way("splunk", &settings);
    world.publish();
    let before = rows(&splunk).len();
    pushing.kill().unwrap();
    pushing.wait().unwrap();
    gate.store(true, Ordering::SeqCst);
    until("the rows of the killed push", || rows(&splunk).len() > before);
    let next = world.push("splunk", &settings, &[]).done();
    assert!(
        next.out.contains("The last push ended while ") && next.out.contains("(release 3, "),
        "{}",
        next.out
    );
    assert!(has_all(&world, &splunk));
    assert!(nothing_is_doubled(&rows(&splunk)));
    assert!(world.push("splunk", &settings, &[]).done().out.contains("Nothing was sent."));
}

#[test]
fn a_dataset_has_the_rows_of_the_release_that_came_meanwhile() {
    let world = World::new();
    let cortex = Cortex::start();
    let settings = vec![
        ("PEERBENCH_CORTEX_URL", cortex.base.clone()),
        ("PEERBENCH_CORTEX_KEY_ID", cortex::KEY_ID.to_owned()),
        ("PEERBENCH_CORTEX_KEY", cortex::KEY.to_owned()),
    ];
    // The product makes the caller wait, and a release is published in that time.
    cortex.with(|tenant| tenant.faults.push_back(cortex::Fault::Later(429, "8")));
    let mut command = world.push_command("cortex", &settings, &[]);
    let pushing = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    until("the first request", || cortex.take(|tenant| tenant.faults.is_empty()));
    world.publish();
    let output = pushing.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && out.contains("(release 2, "), "{out}");
    let releases: BTreeSet<i64> = cortex.take(|tenant| {
        let rows = tenant.datasets.values().flat_map(|dataset| dataset.rows.values());
        rows.map(|row| row["release"].as_i64().unwrap()).collect()
    });
    assert_eq!(releases, BTreeSet::from([2]), "each row once, of the last release");
    assert!(world.push("cortex", &settings, &[]).done().out.contains("Nothing was sent."));
}
