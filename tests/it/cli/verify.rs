//! `peerbench release verify`: downloaded once, checked offline ever after.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header, decode_header, encode};
use serde_json::{Value, json};

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

    for file in fs::read_dir(&folder).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "what is downloaded is its owner's");
    }

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

    a_manifest_of_another_version_is_read_as_far_as_it_goes(&service, &folder, &verify);

    // Another service's key does not vouch for it.
    let other = Service::start(Store::Sqlite);
    let keys = other.folder().join("keys.json");
    fs::write(&keys, other.anonymous().get("/.well-known/jwks.json").expect(200).body).unwrap();
    verify(&["--keys", keys.to_str().unwrap()]).failed(1, &["which the key set does not have"]);
    fs::remove_file(&table).unwrap();
    verify(&[]).failed(1, &["deployed.all.json cannot be read"]);
}

/// With the service's own key, as a program that it was replaced by could have signed.
fn a_manifest_of_another_version_is_read_as_far_as_it_goes(
    service: &Service,
    folder: &Path,
    verify: &impl Fn(&[&str]) -> Ran,
) {
    let file = folder.join("release.json");
    let text = fs::read_to_string(&file).unwrap();
    let release: Value = serde_json::from_str(&text).unwrap();
    let signed = release["manifest"].as_str().unwrap();
    let header: Header = decode_header(signed).unwrap();
    let key = fs::read(Path::new(service.setting("PEERBENCH_DATA_DIR")).join("signing-key.pem")).unwrap();
    let key = EncodingKey::from_ed_pem(&key).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(signed.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let save = |manifest: String| {
        let mut release = release.clone();
        release["manifest"] = manifest.into();
        fs::write(&file, release.to_string()).unwrap();
    };
    let sign = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims.clone();
        change(&mut claims);
        encode(&header, &claims, &key).unwrap()
    };

    // A later version's: one parameter and one member more.
    save(sign(&|claims| {
        claims["parameters"]["breadth"] = 3.into();
        claims["seals"] = json!(["a"]);
    }));
    let said = verify(&[]).done().out;
    assert!(said.contains("is signed with the key") && said.contains("as published"), "{said}");
    assert!(
        said.contains("`parameters.breadth` (unknown to this version), `seals` (unknown to this version)"),
        "{said}"
    );
    let told = verify(&["--format", "json"]).done().json();
    assert_eq!(told["unread"][0], "`parameters.breadth` (unknown to this version)");
    assert_eq!(told["tables"][0]["as_published"], true);

    // An earlier one's: one member less, and one in another form.
    save(sign(&|claims| {
        claims.as_object_mut().unwrap().remove("catalogue");
        claims["attack"] = json!({ "enterprise": "19.0" });
    }));
    let said = verify(&[]).done().out;
    assert!(
        said.contains("`attack` (in a form that this version can't read), `catalogue` (missing)"),
        "{said}"
    );

    // Without the root nothing can be checked, and that isn't the signature's fault.
    save(sign(&|claims| claims["tables"] = json!({ "blake3": "00" })));
    let refused = verify(&[]).failed(1, &["the signature of the manifest is valid", "`tables`"]);
    assert!(!refused.err.contains("wrong"), "{}", refused.err);

    // The signature is wrong only where it is.
    let other = sign(&|claims| claims["release"] = 2.into());
    let (body, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = signed.rsplit_once('.').unwrap();
    save(format!("{body}.{signature}"));
    verify(&[]).failed(1, &["the signature of the manifest is wrong"]);
    fs::write(&file, text).unwrap();
    verify(&[]).done();
}
