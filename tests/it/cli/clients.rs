//! Credentials, from the operator's console.

use serde_json::json;

use crate::support::{Store, console::Console, on_both};

on_both!(a_client_is_made_listed_and_revoked, clients_that_cannot_be_are_refused);

fn a_client_is_made_listed_and_revoked(store: Store) {
    let console = Console::new(store);
    let organisation = console.organisation("Acme");
    let created = console.json(&["client", "create", "--organisation", &organisation]);
    let (id, secret) = (created["client_id"].as_str().unwrap(), created["client_secret"].as_str().unwrap());
    assert_eq!(created, json!({ "client_id": id, "client_secret": secret }), "nothing else");
    assert!(secret.len() >= 43, "256 bits: {secret}");

    let list = console.run(&["client", "list", "--organisation", &organisation, "--format", "json"]).done();
    assert!(!list.out.contains(secret), "shown once");
    let listed = &list.json()["items"][0];
    assert_eq!(listed["client_id"], id);
    let member =
        ["snapshots:write", "snapshots:read", "comparisons:read", "organisation:admin", "gaps:write"];
    assert_eq!(listed["scopes"], json!(member));
    assert!(listed.get("revoked_at").is_none());

    console.run(&["client", "revoke", id]).done();
    console.run(&["client", "revoke", id]).done();
    let list = console.json(&["client", "list", "--organisation", &organisation]);
    assert!(list["items"][0]["revoked_at"].is_string(), "{list}");
    console.run(&["client", "revoke", "no-such-id"]).failed(1, &["No client has the ID 'no-such-id'"]);

    let few = ["client", "create", "--organisation", &organisation, "--scope", "snapshots:write"];
    let few = console.json(&few);
    let list = console.json(&["client", "list", "--organisation", &organisation]);
    assert_eq!(list["items"][1]["client_id"], few["client_id"]);
    assert_eq!(list["items"][1]["scopes"], json!(["snapshots:write"]));

    let operator = console.run(&["client", "create", "--operator"]).done();
    let operators = console.json(&["client", "list", "--operator"]);
    assert_eq!(operators["items"].as_array().unwrap().len(), 1, "members' clients are not the operator's");
    let id = operators["items"][0]["client_id"].as_str().unwrap();
    assert!(operator.out.starts_with(&format!("PEERBENCH_CLIENT_ID={id}\nPEERBENCH_CLIENT_SECRET=")));
    assert_eq!(operators["items"][0]["scopes"], json!(["platform:admin"]));
}

fn clients_that_cannot_be_are_refused(store: Store) {
    let console = Console::new(store);
    let organisation = console.organisation("Acme");
    let create = |arguments: &[&str]| console.run(&[&["client", "create"], arguments].concat());
    create(&["--organisation", "no-such-id"]).failed(1, &["No organisation has the ID 'no-such-id'"]);
    create(&["--organisation", &organisation, "--scope", "platform:admin"])
        .failed(1, &["platform:admin is not available"]);
    create(&["--operator", "--scope", "snapshots:read"]).failed(1, &["snapshots:read is not available"]);
    create(&["--operator", "--scope", "everything"])
        .failed(2, &["unknown scope: expected one of snapshots:write"]);
    create(&[]).failed(2, &["--organisation <ID>|--operator"]);
    create(&["--operator", "--organisation", &organisation]).failed(2, &["cannot be used with"]);
    let list = console.json(&["client", "list", "--organisation", &organisation]);
    assert_eq!(list, json!({ "items": [] }));
    assert_eq!(console.json(&["client", "list", "--operator"]), json!({ "items": [] }));
}
