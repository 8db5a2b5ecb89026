//! Members, from the operator's console.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Store, console::Console, on_both};

on_both!(
    a_member_is_added_verified_and_suspended,
    what_is_refused_is_said_at_once_and_nothing_added,
    many_are_imported_or_none
);

fn a_member_is_added_verified_and_suspended(store: Store) {
    let console = Console::new(store);
    let created = console.json(&[
        "organisation",
        "create",
        "--name",
        "Nordlicht Bank",
        "--sector",
        "finance",
        "--size",
        "large",
        "--region",
        "europe",
        "--control-group",
        "nordlicht",
        "--platform",
        "windows",
        "--platform",
        "Linux,IaaS",
    ]);
    let id = created["id"].as_str().unwrap();
    assert_eq!(created, json!({ "id": id }), "nothing else");

    let list = console.json(&["organisation", "list"]);
    let listed = &list["items"][0];
    assert_eq!(listed["id"], id);
    assert_eq!(listed["name"], "Nordlicht Bank");
    assert_eq!(listed["standing"], "unverified");
    assert_eq!(listed["control_group"], "nordlicht");
    assert_eq!(listed["platforms"], json!(["IaaS", "Linux", "Windows"]));

    let told = console.run(&["organisation", "verify", id]).done();
    assert_eq!(told.out, format!("Nordlicht Bank ({id}) is verified.\n"));
    let suspended = console.json(&["organisation", "suspend", id]);
    assert_eq!(suspended["items"][0]["standing"], "suspended");
    assert!(console.run(&["organisation", "list"]).done().out.contains("suspended"));

    let other = console.organisation("Other");
    let refused = console.run(&["organisation", "verify", "no-such-id", &other]);
    let refused = refused.failed(1, &["No organisation has the ID 'no-such-id'"]);
    assert!(
        refused.out.contains(&format!("({other}) is verified")),
        "the other one is done: {}",
        refused.out
    );
}

fn what_is_refused_is_said_at_once_and_nothing_added(store: Store) {
    let console = Console::new(store);
    let create = |name: &str, sector: &str, size: &str, region: &str| {
        let profile = ["--name", name, "--sector", sector, "--size", size, "--region", region];
        console.run(&[&["organisation", "create"], &profile[..]].concat())
    };
    create(" ", "banking", "huge", "mars").failed(
        1,
        &[
            "--name: must be 1 to 200 characters",
            "--sector: `banking` is not a sector: expected one of agriculture",
            "--size: `huge`",
            "--region: `mars`",
        ],
    );
    let wrong = ["--name", "A", "--sector", "finance", "--size", "small", "--region", "europe"];
    let wrong = [&["organisation", "create"], &wrong[..], &["--platform", "Amiga"]].concat();
    console.run(&wrong).failed(2, &["unknown ATT&CK platform: expected one of Containers"]);
    console.run(&["organisation", "create", "--name", "A"]).failed(2, &["--sector", "--region"]);
    assert_eq!(console.json(&["organisation", "list"]), json!({ "items": [] }));
}

fn many_are_imported_or_none(store: Store) {
    let console = Console::new(store);
    let file = console.folder().join("members.csv");
    let path = file.to_str().unwrap();
    fs::write(
        &file,
        "name,sector,size,region,platforms\nA,finance,small,europe,Windows;Linux\nB,bank,small,europe,\n\
         C,health,small,europe,Amiga\n",
    )
    .unwrap();
    console.run(&["organisation", "import", path]).failed(
        1,
        &[
            "Nothing was imported",
            "members.csv:3: sector: `bank`",
            "members.csv:4: platforms: unknown ATT&CK",
        ],
    );
    assert_eq!(console.json(&["organisation", "list"]), json!({ "items": [] }));

    fs::write(
        &file,
        "name,sector,size,region,control_group\n\"Acme, Inc.\",finance,small,europe,\nB,health,large,africa,acme\n",
    )
    .unwrap();
    let imported = console.json(&["organisation", "import", path]);
    let list = console.json(&["organisation", "list"]);
    let listed = list["items"].as_array().unwrap();
    let with_id = |id: &Value| listed.iter().find(|item| item["id"] == *id).unwrap();
    assert_eq!((imported["ids"].as_array().unwrap().len(), listed.len()), (2, 2));
    assert_eq!(with_id(&imported["ids"][0])["name"], "Acme, Inc.", "in the order of the file");
    assert_eq!(with_id(&imported["ids"][1])["control_group"], "acme");

    console.run(&["organisation", "import", "absent.csv"]).failed(1, &["Can't read absent.csv"]);
}
