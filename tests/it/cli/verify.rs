//! `peerbench release verify`: downloaded once, checked offline ever after.

use std::fs;

use serde_json::Value;

use crate::support::{Store, community::settle, console::Ran, on_both, server::Service};

on_both!(a_release_is_verified_offline_and_one_changed_byte_is_found);

fn a_release_is_verified_offline_and_one_changed_byte_is_found(store: Store) {
    let mut service = Service::start(store);
    let organisations = settle(&service, 40);
    service.run_json(&["release", "publish", "--format", "json"]);
    let folder = service.folder().join("saved");
    let folder_name = folder.to_str().unwrap();
    let download = |organisation: &str| {
        let created =
            service.run_json(&["client", "create", "--organisation", organisation, "--format", "json"]);
        let mut command =
            service.command(&["release", "verify", folder_name, "--download", "--format", "json"]);
        command.env("PEERBENCH_CLIENT_ID", created["client_id"].as_str().unwrap());
        command.env("PEERBENCH_CLIENT_SECRET", created["client_secret"].as_str().unwrap());
        Ran::of(&mut command).done().json()
    };
    let contributes = |saved: &Value| !saved["tables"].as_array().unwrap().is_empty();
    let mut saved = organisations.iter().map(|organisation| download(organisation.id.as_str()));
    let saved = saved.find(contributes).expect("somebody contributes");
    assert_eq!((&saved["release"], &saved["tables"][0]["cohort"]), (&1.into(), &"all".into()));

    // Offline: the service is gone, and its address and credentials are not asked for.
    service.kill();
    let verify = |more: &[&str]| {
        let arguments = [&["release", "verify", folder_name], more].concat();
        Ran::of(service.command(&arguments).env_remove("PEERBENCH_CLIENT_URL"))
    };
    assert_eq!(verify(&["--format", "json"]).done().json(), saved);
    assert!(verify(&[]).done().out.starts_with("Release 1 of http://peerbench.test"));

    let table = folder.join("deployed.all.json");
    let bytes = fs::read(&table).unwrap();
    let mut changed = bytes.clone();
    let digit = changed.iter().rposition(u8::is_ascii_digit).unwrap();
    changed[digit] ^= 1;
    fs::write(&table, &changed).unwrap();
    verify(&[]).failed(1, &["Not as it was published in release 1: deployed.all.json"]);
    assert_eq!(
        verify(&["--format", "json"]).failed(1, &["deployed.all.json"]).json()["tables"][0]["as_published"],
        false
    );
    fs::write(&table, &bytes).unwrap();
    verify(&[]).done();

    // Another service's key does not vouch for it.
    let other = Service::start(Store::Sqlite);
    let keys = other.folder().join("keys.json");
    fs::write(&keys, other.anonymous().get("/.well-known/jwks.json").expect(200).body).unwrap();
    verify(&["--keys", keys.to_str().unwrap()]).failed(1, &["which the key set does not have"]);
    fs::remove_file(&table).unwrap();
    verify(&[]).failed(1, &["deployed.all.json cannot be read"]);
}
