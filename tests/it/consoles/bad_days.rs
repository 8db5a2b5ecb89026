//! Bad days that are not one console's: clocks that are wrong, a service that is busy, and what a killed push left behind.

use std::fs;

use serde_json::json;

use super::{
    receivers::{
        cortex::{Cortex, KEY, KEY_ID},
        http::{answer, serve, wait},
        splunk::{Fault, Splunk, TOKEN},
    },
    world::{Settings, World, latest},
};
use crate::support::console::Ran;

const HOUR: i64 = 3_600_000;

#[track_caller]
fn complete(world: &World, splunk: &Splunk) {
    let rows = splunk.take(|collector| latest(collector.events.iter().map(|event| &event["event"])));
    assert_eq!(rows, latest(&world.rows()));
}

#[test]
fn nothing_is_lost_on_a_bad_day() {
    let world = World::new();
    let splunk = Splunk::start();
    let settings: Settings =
        vec![("PEERBENCH_SPLUNK_URL", splunk.base.clone()), ("PEERBENCH_SPLUNK_TOKEN", TOKEN.to_owned())];
    let push = || world.push("splunk", &settings, &[]);
    wrong_clocks(&world, &splunk, &settings);

    // The service is busy, or away: nothing is sent, and the next run sends it.
    for (status, told, value) in [(429, "429", 10), (503, "503", 11)] {
        world.change(value);
        let problem =
            json!({"type": "about:blank", "title": "Busy", "status": status, "detail": "Come back later."});
        let busy = serve(move |_| wait(status, "30", &problem));
        let sent = splunk.take(|collector| collector.requests);
        let mut command = world.push_command("splunk", &settings, &[]);
        Ran::of(command.env("PEERBENCH_CLIENT_URL", &busy.base)).failed(3, &[told, "Come back later."]);
        assert_eq!(splunk.take(|collector| collector.requests), sent);
        push().done();
        complete(&world, &splunk);
    }
    let page = serve(|_| answer(200, "<html>Sign in</html>"));
    let mut command = world.push_command("splunk", &settings, &[]);
    Ran::of(command.env("PEERBENCH_CLIENT_URL", &page.base)).failed(3, &["unexpected answer"]);

    // A push that was killed while it wrote its state leaves half a file beside the whole one.
    let state = world.state("splunk");
    let beside = state.with_file_name("splunk.state.new");
    fs::write(&beside, "{\"format\": \"peerbench-con").unwrap();
    assert!(push().done().out.contains("Nothing was sent."));
    world.change(5);
    push().done();
    complete(&world, &splunk);
    assert!(!beside.exists());
}

fn wrong_clocks(world: &World, splunk: &Splunk, settings: &Settings) {
    let push = || world.push("splunk", settings, &[]);
    let requests = || splunk.take(|collector| collector.requests);
    // A moment that is over by this machine's clock is no reason to wait; a day is too long to.
    splunk
        .with(|collector| collector.faults.push_back(Fault::Later(503, 9, "Wed, 21 Oct 2015 07:28:00 GMT")));
    push().done();
    assert_eq!(requests(), 2);
    world.change(2);
    splunk.with(|collector| collector.faults.push_back(Fault::Later(503, 9, "86400")));
    push().failed(3, &["asks to wait 86400 seconds", "Run the command again then."]);
    assert_eq!(requests(), 3);
    push().done();
    complete(world, splunk);

    // A proof with the time in it is refused if the clocks disagree.
    let cortex = Cortex::start();
    let settings = vec![
        ("PEERBENCH_CORTEX_URL", cortex.base.clone()),
        ("PEERBENCH_CORTEX_KEY_ID", KEY_ID.to_owned()),
        ("PEERBENCH_CORTEX_KEY", KEY.to_owned()),
    ];
    for ahead in [HOUR, -HOUR] {
        cortex.with(|tenant| tenant.ahead = ahead);
        world.push("cortex", &settings, &[]).failed(3, &["401", "this machine's clock"]);
    }
    assert!(cortex.take(|tenant| tenant.datasets.is_empty()));
    cortex.with(|tenant| tenant.ahead = 0);
    world.push("cortex", &settings, &[]).done();
}
