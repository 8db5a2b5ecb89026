//! Releases, from the operator's console.

use serde_json::json;

use crate::support::{Store, community::settle, console::Console, console::Ran, on_both, server::Service};

on_both!(
    nothing_is_published_before_anything_was_uploaded,
    releases_are_published_one_after_the_other_and_listed
);

fn nothing_is_published_before_anything_was_uploaded(store: Store) {
    let console = Console::new(store);
    console.organisation("Acme");
    let refused = console.run(&["release", "publish", "--format", "json"]);
    let refused = refused.failed(1, &["Nothing was published. Nothing has been uploaded yet"]);
    assert_eq!(refused.out, "");
    assert_eq!(console.json(&["release", "list"]), json!({ "items": [] }));
}

fn releases_are_published_one_after_the_other_and_listed(store: Store) {
    let service = Service::start(store);
    settle(&service, 40);
    let publish = || Ran::of(&mut service.command(&["release", "publish", "--format", "json"]));
    let published = publish().done();
    assert!(
        published.err.contains("Computing the release"),
        "progress is on standard error: {}",
        published.err
    );
    let release = published.json();
    assert_eq!(release["number"], 1);
    assert_eq!(release["attack"], "19.2");
    assert_eq!(release["preset"], "default");
    assert_eq!(service.run_json(&["release", "list", "--format", "json"]), json!({ "items": [release] }));
    let text = Ran::of(&mut service.command(&["release", "list"])).done().out;
    assert!(text.contains(release["digest"].as_str().unwrap()), "{text}");

    let second = publish().done().json();
    assert_eq!(second["number"], 2);
    let listed = service.run_json(&["release", "list", "--format", "json"]);
    assert_eq!(listed, json!({ "items": [second, release] }));
}
