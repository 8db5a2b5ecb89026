//! Releases, from the operator's console.

use serde_json::json;

use crate::support::{Store, console::Console, on_both};

on_both!(nothing_is_published_before_anything_was_uploaded);

fn nothing_is_published_before_anything_was_uploaded(store: Store) {
    let console = Console::new(store);
    console.organisation("Acme");
    let refused = console.run(&["release", "publish", "--format", "json"]);
    let refused = refused.failed(1, &["Nothing was published. Nothing has been uploaded yet"]);
    assert_eq!(refused.out, "");
    assert_eq!(console.json(&["release", "list"]), json!({ "items": [] }));
}
