//! Microsoft's own client as the oracle of a push into Sentinel: both send the same rows to the same receiver over TLS, and both
//! requests are the same.

use std::fs;

use serde_json::{Value, json};

use super::{
    receivers::{
        entra::{CLIENT, SECRET, TENANT},
        http::Request,
        sentinel::{RULE, STREAM, Sentinel},
    },
    tls::Pki,
    world::World,
};
use crate::support::tools::{Tools, done};

/// The part of a request that the service reads.
fn wire(request: &Request) -> Value {
    let header = |name: &str| request.header(name).to_owned();
    json!({
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "authorization": header("authorization"),
        "accept": header("accept"),
        "content-type": header("content-type"),
        "content-encoding": header("content-encoding"),
        // Two compressors need not agree on bytes, and two writers of JSON not on spaces.
        "is_gzip": request.raw.starts_with(&[0x1f, 0x8b]),
        "body": request.json().expect("JSON"),
    })
}

#[test]
fn a_push_is_what_microsofts_own_client_sends() {
    let world = World::new();
    let pki = Pki::new();
    let folder = world.service.folder();
    fs::write(folder.join("ca.pem"), &pki.ca).unwrap();
    let sentinel = Sentinel::start_with_tls(pki.config());
    let settings = vec![
        ("PEERBENCH_CONSOLE_CA_FILE", "ca.pem".to_owned()),
        ("PEERBENCH_SENTINEL_ENDPOINT", sentinel.base.clone()),
        ("PEERBENCH_SENTINEL_LOGIN", sentinel.base.clone()),
        ("PEERBENCH_SENTINEL_RULE_ID", RULE.to_owned()),
        ("PEERBENCH_SENTINEL_TENANT_ID", TENANT.to_owned()),
        ("PEERBENCH_SENTINEL_CLIENT_ID", CLIENT.to_owned()),
        ("PEERBENCH_SENTINEL_CLIENT_SECRET", SECRET.to_owned()),
    ];
    world.push("sentinel", &settings, &[]).done();

    fs::write(folder.join("rows.json"), Value::from(world.rows()).to_string()).unwrap();
    let mut client = Tools("console-checkers").python();
    client
        .args(["-B", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/consoles/ingestion.py")])
        .arg(folder.join("rows.json"))
        .env("INGESTION_URL", &sentinel.base)
        .env("INGESTION_CA", folder.join("ca.pem"))
        .env("INGESTION_RULE", RULE)
        .env("INGESTION_STREAM", STREAM)
        .env("INGESTION_TOKEN", "token-1");
    let scopes: Value = serde_json::from_str(&done(&mut client)).unwrap();
    // The receiver issues tokens for this scope alone, and the push got one.
    assert_eq!(scopes, json!(["https://monitor.azure.com/.default"]));

    let asked = sentinel.take(|workspace| workspace.asked.clone());
    let [ours, theirs] = asked.as_slice() else { panic!("{} requests", asked.len()) };
    assert_eq!(wire(ours), wire(theirs));
    assert_eq!(wire(ours)["body"], Value::from(world.rows()));
    let stored = sentinel.take(|workspace| workspace.rows.clone());
    assert_eq!(stored.len(), 2 * world.rows().len());
}
