//! Public rule libraries: counting the rules of a folder, and the counts that the program carries beside independent ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use peerbench::domain::{
    attack::{Catalogues, TechniqueId},
    library::{Library, bundled},
};

use crate::support::{Store, console::Console, shared_data::shared_data};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/rules/sigma");

fn count<'a>(folder: &'a str, commit: &'a str) -> Vec<&'a str> {
    let about = ["--name", "Own rules", "--repository", "https://example.org/rules", "--licence", "MIT"];
    let head = ["library", "count", folder, "--commit", commit, "--date", "2026-11-01", "-o", "own.json"];
    [&head[..], &about].concat()
}

#[test]
fn a_folder_of_rules_is_counted() {
    let console = Console::new(Store::Sqlite);
    let commit = "8eaafff1f2845a696050e05e72ba1140ee190698";
    let said = console.run(&count(RULES, commit)).done().out;
    let text = fs::read_to_string(console.folder().join("own.json")).unwrap();
    let library = Library::from_json(&text).unwrap();
    let files: Vec<String> = fs::read_dir(RULES)
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    // The example rules are one a file, and name techniques in lower case.
    let naming = |id: &str| {
        let tag = format!("attack.{}", id.to_lowercase());
        files.iter().filter(|text| text.contains(&tag)).count()
    };
    assert_eq!(usize::try_from(library.rules).unwrap(), files.len(), "{said}");
    let mut checked = 0;
    for id in library.techniques.keys().filter(|id| !id.is_sub()) {
        // ATT&CK 19 renumbered what impairs defenses.
        if naming(&id.to_string()) > 0 {
            assert_eq!(usize::try_from(library.rules(*id)).unwrap(), naming(&id.to_string()), "{id}");
            checked += 1;
        }
    }
    assert!(checked > 5, "{text}");
    assert_eq!((library.about.id.as_str(), library.about.commit.as_str()), ("own", commit));
    assert!(said.contains("Own rules") && said.contains("It holds counts"), "{said}");

    console.run(&count(RULES, "8eaafff")).failed(2, &["40 hexadecimal digits"]);
    fs::create_dir(console.folder().join("empty")).unwrap();
    console.run(&count("empty", commit)).failed(1, &["No file is a supported export"]);
    let list = console.json(&["library", "list"]);
    assert_eq!(list["items"].as_array().unwrap().len(), bundled().len());
    let text = console.run(&["library", "list"]).done().out;
    assert!(bundled().iter().all(|library| text.contains(&library.about.name)), "{text}");
}

/// An independent script counted the same commits. Sub-techniques that no version changed must agree to the rule.
#[test]
fn the_bundled_counts_are_those_of_an_independent_script() {
    let Some(folder) = shared_data() else { return };
    let catalogues = Catalogues::bundled();
    let newest = catalogues.get("19.2".parse().unwrap()).unwrap();
    // What a technique of another ID became may have rules of both.
    let targets: BTreeSet<TechniqueId> = newest.all().filter_map(|technique| technique.revoked_by).collect();
    let text = fs::read_to_string(folder.join("calibration/technique_popularity.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<BTreeMap<String, String>> = reader
        .records()
        .map(|row| heads.iter().cloned().zip(row.unwrap().iter().map(str::to_owned)).collect())
        .collect();
    for (id, column) in [
        ("sigmahq", "rules_sigma"),
        ("elastic", "rules_elastic"),
        ("splunk", "rules_splunk_escu"),
        ("xsiam-correlations", "rules_xsiam_community"),
    ] {
        let library = bundled().iter().find(|library| library.about.id == id).expect("a bundled library");
        let mut checked = 0;
        for row in &rows {
            let technique: TechniqueId = row["technique"].parse().unwrap();
            if technique.is_sub() && !targets.contains(&technique) {
                assert_eq!(library.rules(technique).to_string(), row[column], "{id}: {technique}");
                checked += usize::from(row[column] != "0");
            }
        }
        assert!(checked > 20, "{id}: {checked}");
    }
}
