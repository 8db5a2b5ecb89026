//! Input that is refused before anything is sent.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    receivers::{
        http::{Response, serve},
        splunk::{Splunk, TOKEN},
    },
    world::{Settings, World},
};
use crate::support::console::Ran;

fn settings(url: &str) -> Settings {
    vec![("PEERBENCH_SPLUNK_URL", url.to_owned()), ("PEERBENCH_SPLUNK_TOKEN", TOKEN.to_owned())]
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    let world = World::new();
    let splunk = Splunk::start();
    let good = settings(&splunk.base);
    let with = |name: &'static str, value: &str| {
        let others = good.iter().filter(|(known, _)| *known != name).cloned();
        others.chain([(name, value.to_owned())]).collect::<Settings>()
    };
    let without = |name: &str| good.iter().filter(|(known, _)| *known != name).cloned().collect::<Settings>();
    let push = |settings: &Settings, more: &[&str]| world.push("splunk", settings, more);

    push(&with("PEERBENCH_SPLUNK_URL", "http://splunk.example:8088"), &[])
        .failed(1, &["must begin with https://"]);
    push(&with("PEERBENCH_SPLUNK_INDEX", "_internal"), &[]).failed(1, &["splunk.index"]);
    push(&without("PEERBENCH_SPLUNK_URL"), &[]).failed(2, &["set PEERBENCH_SPLUNK_URL"]);
    push(&without("PEERBENCH_SPLUNK_TOKEN"), &[]).failed(2, &["PEERBENCH_SPLUNK_TOKEN", "_FILE"]);
    push(&good, &["--token", TOKEN]).failed(2, &["unexpected argument '--token'"]);
    push(&good, &["--cohort", "sector:health"])
        .failed(1, &["sector:health isn't one of yours", "Nothing was sent"]);
    push(&good, &["--cohort", "sector:finance"])
        .failed(1, &["sector:finance isn't released", "Nothing was sent"]);
    push(&good, &["--lookup"]).failed(2, &["for Sumo Logic"]);
    push(&with("PEERBENCH_CONSOLE_CA_FILE", "none.pem"), &[]).failed(1, &["The CA file none.pem"]);
    let elsewhere = ["console", "push", "splunk", "--state", "no/folder/x.state"];
    Ran::of(&mut world.command(&elsewhere, &good)).failed(2, &["can't be the state file"]);
    let nothing = |splunk: &Splunk| splunk.take(|collector| collector.requests);
    assert_eq!(nothing(&splunk), 0);

    // The token may be in a file.
    fs::write(world.service.folder().join("token"), format!("{TOKEN}\n")).unwrap();
    let in_file: Settings = without("PEERBENCH_SPLUNK_TOKEN")
        .into_iter()
        .chain([("PEERBENCH_SPLUNK_TOKEN_FILE", "token".to_owned())])
        .collect();
    push(&in_file, &[]).done();
    let sent = nothing(&splunk);
    state_files(&world, &splunk, &good);
    assert_eq!(nothing(&splunk), sent);
    an_index_that_splunk_refuses(&world, &splunk, &good);
    a_proxy_that_cuts(&world, &splunk);
}

fn state_files(world: &World, _: &Splunk, good: &Settings) {
    let path = world.state("splunk");
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(TOKEN) && !text.contains("127.0.0.1"), "no address and no secret: {text}");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut state: Value = serde_json::from_str(&text).unwrap();
        change(&mut state);
        state.to_string()
    };
    for (text, told) in [
        (text[..text.len() / 2].to_owned(), "is damaged"),
        (String::new(), "is damaged"),
        (json!({"format": "a shopping list"}).to_string(), "is damaged"),
        (
            changed(&|state| state["format"] = json!("peerbench-console-state/2")),
            "of a later version of peerbench",
        ),
        (changed(&|state| state["rows"]["0"] = json!("0")), "its digest is another"),
        (changed(&|state| state["console"] = json!("Cortex")), "belongs to another target (Cortex)"),
        (changed(&|state| state["more"] = json!(1)), "is damaged"),
    ] {
        fs::write(&path, &text).unwrap();
        world.push("splunk", good, &[]).failed(1, &[told, "Nothing was sent"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "it is left as it is");
    }
    fs::write(&path, &text).unwrap();
    world.push("splunk", good, &["--column", "endpoint"]).failed(1, &["belongs to another target"]);
    assert!(!Path::new("splunk.state").exists());
    assert!(world.push("splunk", good, &[]).done().out.contains("Nothing was sent."));
}

fn an_index_that_splunk_refuses(world: &World, splunk: &Splunk, good: &Settings) {
    let settings: Settings =
        good.iter().cloned().chain([("PEERBENCH_SPLUNK_INDEX", "nowhere".to_owned())]).collect();
    let events = splunk.take(|collector| collector.events.len());
    let arguments = ["console", "push", "splunk", "--state", "index.state"];
    Ran::of(&mut world.command(&arguments, &settings))
        .failed(3, &["Incorrect index (code 7", "Check splunk.index"]);
    assert_eq!(splunk.take(|collector| collector.events.len()), events, "no row was taken");
}

/// The proxy of the environment is used for the console, and the service is reached without it.
fn a_proxy_that_cuts(world: &World, splunk: &Splunk) {
    let proxy = serve(|_| Response::Cut);
    let mut command = world.push_command("splunk", &settings(&splunk.base), &[]);
    let service = world.service.base().replace("127.0.0.1", "localhost");
    command.env("PEERBENCH_CLIENT_URL", service).env("NO_PROXY", "localhost").env("HTTP_PROXY", &proxy.base);
    world.change(10);
    let before = splunk.take(|collector| collector.requests);
    Ran::of(&mut command).failed(3, &["Splunk at 127.0.0.1 doesn't answer"]);
    assert_eq!(splunk.take(|collector| collector.requests), before);
    world.push("splunk", &settings(&splunk.base), &[]).done();
}
