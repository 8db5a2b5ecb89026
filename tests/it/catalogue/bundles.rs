//! Whole files as an operator has them: what is read, what is refused and with which sentence.

use std::{fs, path::Path};

use peerbench::{
    cli::catalogue::{
        bundle::{self, BundleArgs, BundleError},
        file,
    },
    domain::attack::stix::{Bundle, StixError},
};

use super::{attack, version};

fn args(stix: &Path, folder: &Path, attack_version: Option<&str>) -> BundleArgs {
    BundleArgs {
        stix: stix.to_owned(),
        output: folder.join("catalogue.json"),
        attack_version: attack_version.map(version),
        components: Some(folder.join("components.json")),
    }
}

fn carried(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue/attack").join(name)).unwrap()
}

#[test]
fn the_carried_files_are_what_the_command_writes() {
    let Some(stix) = attack("enterprise-attack-18.1.rebuilt.json.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let written = bundle::run(&args(&stix, folder.path(), Some("18.1"))).unwrap();
    assert_eq!((written.active_techniques, written.groups), (691, 172));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("catalogue.json") == carried("18.1.json"), "run `peerbench catalogue bundle` again");
    assert!(
        read("components.json") == carried("components-18.1.json"),
        "run `peerbench catalogue bundle` again"
    );
}

#[test]
fn a_bundle_without_components_gives_a_catalogue_but_no_table() {
    let Some(stix) = attack("enterprise-attack-19.0.from-misp.json.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut args = args(&stix, folder.path(), Some("19.0"));
    let error = bundle::run(&args).unwrap_err();
    assert!(matches!(error, BundleError::NoComponents { .. }), "{error}");
    assert!(!args.output.exists(), "nothing is written when something is refused");
    args.components = None;
    bundle::run(&args).unwrap();
    assert!(args.output.exists());
}

#[test]
fn the_carried_files_of_19_are_what_the_command_writes() {
    for (file, version) in [
        ("enterprise-attack-19.0.slim.json.gz", "19.0"),
        ("enterprise-attack-19.1.json.gz", "19.1"),
        ("enterprise-attack-19.2.slim.json.gz", "19.2"),
    ] {
        let Some(stix) = attack(file) else { return };
        let folder = tempfile::tempdir().unwrap();
        bundle::run(&args(&stix, folder.path(), Some(version))).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(read("catalogue.json") == carried(&format!("{version}.json")), "{version}");
        if version == "19.1" {
            assert!(read("components.json") == carried("components-19.1.json"));
        }
    }
}

#[test]
fn another_domain_is_refused_by_name() {
    let Some(path) = attack("ics-attack-18.1.stix21.json.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let error = bundle::run(&args(&path, folder.path(), None)).unwrap_err().to_string();
    assert!(error.contains("\"ics-attack\"") && error.contains("only Enterprise ATT&CK"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_bundle_that_does_not_state_its_version_asks_for_it() {
    let Some(path) = attack("enterprise-attack-19.0.from-misp.json.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let error = bundle::run(&args(&path, folder.path(), None)).unwrap_err().to_string();
    assert!(error.contains("give the version"), "{error}");
}

#[test]
fn a_truncated_file_is_refused_whether_packed_or_not() {
    let Some(path) = attack("enterprise-attack-19.0.from-misp.json.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let packed = fs::read(&path).unwrap();
    let cut = folder.path().join("cut.json.gz");
    fs::write(&cut, &packed[..packed.len() / 2]).unwrap();
    let error = bundle::run(&args(&cut, folder.path(), None)).unwrap_err().to_string();
    assert!(error.contains("damaged or truncated"), "{error}");

    let text = file::read(&path).unwrap();
    let refused = Bundle::parse(&text[..text.len() / 2]).err().unwrap();
    assert!(matches!(refused, StixError::Truncated { .. }), "{refused}");
}
