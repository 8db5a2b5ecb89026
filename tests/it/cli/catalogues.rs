//! ATT&CK versions from real bundles.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::support::{Store, console::Console, on_both, shared_data::shared_data};

on_both!(a_real_bundle_is_imported_packed_or_not, what_is_no_enterprise_bundle_changes_nothing);

/// A bundle of the real input.
fn bundle(name: &str) -> Option<PathBuf> {
    shared_data().map(|folder| folder.join("attack").join(name))
}

fn versions(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["version"].as_str().unwrap()).collect()
}

fn a_real_bundle_is_imported_packed_or_not(store: Store) {
    let Some(old) = bundle("enterprise-attack-15.0.json.gz") else { return };
    let console = Console::new(store);
    let import = |file: &str, more: &[&str]| console.json(&[&["catalogue", "import", file], more].concat());
    let imported = import(old.to_str().unwrap(), &["--attack-version", "15.0"]);
    let expected = json!({
        "version": "15.0", "active_techniques": 637, "groups": imported["groups"], "replaced": false,
        "canonical": "19.2"
    });
    assert_eq!(imported, expected);
    let list = console.json(&["catalogue", "list"]);
    assert_eq!(versions(&list), ["15.0", "18.1", "19.0", "19.1", "19.2"]);
    assert!(list["items"][0]["imported_at"].is_string() && list["items"][1].get("imported_at").is_none());

    let packed = bundle("enterprise-attack-18.1.rebuilt.json.gz").unwrap();
    let text = peerbench::cli::catalogue::file::read(&packed).unwrap();
    let plain = console.folder().join("enterprise-attack.json");
    fs::write(&plain, text).unwrap();
    let replaced = import(plain.to_str().unwrap(), &["--attack-version", "18.1"]);
    assert_eq!((&replaced["version"], &replaced["replaced"]), (&json!("18.1"), &json!(true)));
    assert_eq!(replaced["active_techniques"], 691);
    assert_eq!(versions(&console.json(&["catalogue", "list"])), ["15.0", "18.1", "19.0", "19.1", "19.2"]);
    let text = console.run(&["catalogue", "list"]).done().out;
    assert!(text.contains("used for comparisons") && text.contains("imported 20"), "{text}");
}

fn what_is_no_enterprise_bundle_changes_nothing(store: Store) {
    let console = Console::new(store);
    let import = |file: &str, more: &[&str]| console.run(&[&["catalogue", "import", file], more].concat());
    let before = console.json(&["catalogue", "list"]);
    assert_eq!(versions(&before), ["18.1", "19.0", "19.1", "19.2"]);

    import("absent.json", &[]).failed(1, &["absent.json cannot be read", "Nothing was imported."]);
    fs::write(console.folder().join("list.json"), "[]").unwrap();
    import("list.json", &[]).failed(1, &["list.json: The file is not a readable STIX bundle"]);
    if let Some(ics) = bundle("ics-attack-18.1.stix21.json.gz") {
        import(ics.to_str().unwrap(), &[])
            .failed(1, &["\"ics-attack\"", "only Enterprise ATT&CK", "Nothing was imported."]);
        let enterprise = bundle("enterprise-attack-19.0.from-misp.json.gz").unwrap();
        import(enterprise.to_str().unwrap(), &[]).failed(1, &["give the version", "--attack-version"]);
        let packed = fs::read(&enterprise).unwrap();
        fs::write(console.folder().join("cut.json.gz"), &packed[..packed.len() / 2]).unwrap();
        import("cut.json.gz", &["--attack-version", "19.0"]).failed(1, &["damaged or truncated"]);
    }
    assert_eq!(console.json(&["catalogue", "list"]), before);
}
