//! The counts of `expected.json`, exactly, and how much of the real rules finds a technology.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use peerbench::{
    domain::snapshot::Basis,
    sources::{Reading, templates},
};
use serde_json::{Value, json};

use super::{built, collect, options};
use crate::support::shared_data::shared_data;

/// What the program says about files of the shared data: the summary and the counts, as one object.
fn told(paths: &[&str], more: &[&str]) -> Value {
    run(paths, more).0
}

/// The same, and the snapshot as it was printed.
fn run(paths: &[&str], more: &[&str]) -> (Value, Vec<u8>) {
    let folder = shared_data().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_peerbench"))
        .args(["snapshot", "build", "--max-techniques", "0", "--counts", "--format", "json", "-o", "-"])
        .args(more)
        .args(paths.iter().map(|path| folder.join(path)))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let told = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{paths:?}: {error}: {said}"));
    (told, output.stdout)
}

/// Of rules, with what a vendor ships disabled.
fn counts(path: &str) -> Value {
    told(&[path], &["--basis", "catalog"])
}

fn expected(set: &str) -> Option<Value> {
    let file = shared_data()?.join(set).join("expected.json");
    Some(serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
}

fn assert_same(path: &str, told: &Value, expected: &Value, names: &[&str]) {
    for name in names {
        assert!(expected.get(name).is_some(), "expected.json has no {name}");
        assert_eq!(told.get(*name), expected.get(name), "{path}: {name}");
    }
}

/// The figures named, and those of the summary: files, rules, enabled, with a technique, different ids, failures.
fn assert_agrees(path: &str, source: &str, expected: &Value, names: &[&str]) {
    let told = counts(path);
    assert_eq!(told["source"], source, "{path}");
    assert_same(path, &told, expected, &[names, &["rules"]].concat());
    let not_disabled = match &expected["enabled"] {
        Value::Object(by_flag) => {
            let count = |flag: &str| by_flag.get(flag).and_then(Value::as_u64).unwrap_or_default();
            count("true") + count("unspecified")
        }
        number => number.as_u64().unwrap(),
    };
    assert_eq!(told["enabled"], json!(not_disabled), "{path}");
    if let Some(with_technique) = expected.get("rules_with_technique") {
        assert_eq!(told["with_technique"], *with_technique, "{path}");
        assert_eq!(told["techniques"], expected["distinct_raw"], "{path}");
        assert_eq!(told["files"], expected["files"], "{path}");
        assert_eq!(told["files_failed"], expected["parse_errors"], "{path}");
    }
    assert_eq!(told["techniques"], json!(told["technique_rules_raw"].as_object().unwrap().len()), "{path}");
}

/// What names of log sources begin with `kind:`, without it.
fn named<'t>(told: &'t Value, kind: &str) -> BTreeMap<&'t str, u64> {
    let names = told["logsources"].as_object().unwrap().iter();
    names.filter_map(|(name, rules)| Some((name.strip_prefix(kind)?, rules.as_u64()?))).collect()
}

const NAMES: [&str; 13] = [
    "technique_rules_raw",
    "technique_rules_not_disabled",
    "mapped_to_18_1",
    "mapped_to_19_0",
    "unmappable_18_1",
    "unmappable_19_0",
    "parents_19_0",
    "malformed",
    "techniques_per_rule",
    "distinct_raw",
    "distinct_not_disabled",
    "rules_with_technique",
    "rules_with_technique_not_disabled",
];

#[test]
fn every_entry_is_compared() {
    let Some(expected) = expected("real") else { return };
    let vendors: Vec<(&String, usize)> = expected["vendors"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, of)| (name, of.as_object().unwrap().len()))
        .collect();
    let mut vendors: Vec<String> =
        vendors.iter().map(|(name, entries)| format!("{name} {entries}")).collect();
    vendors.sort_unstable();
    // As many as the tests below go through.
    let compared = [
        "checkpoint 4",
        "chronicle 1",
        "cortex 1",
        "dettect 3",
        "elastic 4",
        "navigator 8",
        "sentinel 7",
        "sigma 1",
        "splunk 3",
        "sumo 2",
    ];
    assert_eq!(vendors, compared);
}

#[test]
fn sigma_rules() {
    let Some(expected) = expected("real") else { return };
    let expected = &expected["vendors"]["sigma"]["SigmaHQ"];
    assert_agrees("real/sigma/SigmaHQ", "sigma", expected, &[&NAMES[..], &["logsources"]].concat());
}

#[test]
fn splunk_saved_searches_as_files() {
    let Some(expected) = expected("real") else { return };
    for file in
        ["DA-ESS-ContentUpdate.2022-06-29.savedsearches.conf", "dettectinator_example.savedsearches.conf"]
    {
        let path = format!("splunk/conf/{file}");
        let expected = &expected["vendors"]["splunk"][&path];
        let path = format!("real/{path}");
        assert_agrees(&path, "splunk", expected, &NAMES);
        // The file counts rules by data model; here the crosswalk's names are counted, which have the data set and, for
        // `Endpoint`, the operating system as well: a rule that looks at two data sets of a model has two of them.
        let told = counts(&path);
        let mut models: BTreeMap<&str, u64> = BTreeMap::new();
        for (name, rules) in named(&told, "datamodel:") {
            *models.entry(name.split(['.', ' ']).next().unwrap()).or_default() += rules;
        }
        let expected = expected["logsources"].as_object().unwrap();
        let expected: BTreeMap<&str, u64> = expected
            .iter()
            .filter(|(model, _)| *model != "(no datamodel)")
            .map(|(model, rules)| (model.as_str(), rules.as_u64().unwrap()))
            .collect();
        assert!(models.keys().eq(expected.keys()), "{path}: {models:?}");
        assert!(models.iter().all(|(model, names)| *names >= expected[model]), "{path}: {models:?}");
    }
}

#[test]
fn splunk_content() {
    let Some(expected) = expected("real") else { return };
    let expected = &expected["vendors"]["splunk"]["yaml"];
    assert_agrees("real/splunk/yaml", "splunk", expected, &NAMES);
    // `A AND B` is one entry there and two sources here: each of them must be present.
    let mut data_sources: BTreeMap<&str, u64> = BTreeMap::new();
    for (entry, rules) in expected["logsources"].as_object().unwrap() {
        for name in entry.split(" AND ").filter(|name| *name != "(none)") {
            *data_sources.entry(name.trim()).or_default() += rules.as_u64().unwrap();
        }
    }
    assert_eq!(named(&counts("real/splunk/yaml"), "data_source:"), data_sources);
}

/// Of a file in `derived`, whose expectation has fewer figures.
fn assert_derived_agrees(file: &str, source: &str) {
    let Some(expected) = expected("derived") else { return };
    let names = ["technique_rules_raw", "technique_rules_enabled"];
    assert_agrees(&format!("derived/{file}"), source, &expected["files"][file], &names);
}

#[test]
fn the_same_rules_in_other_forms() {
    let Some(expected) = expected("derived") else { return };
    let files = [
        ("elastic_rules_export.ndjson", "elastic"),
        ("splunk_saved_searches.json", "splunk"),
        ("sentinel_alertRules_list.json", "sentinel"),
        ("cortex_correlations_get.json", "cortex"),
        ("cortex_correlations_export.json", "cortex"),
        ("sumo_rules_api.json", "sumo"),
    ];
    assert_eq!(expected["files"].as_object().unwrap().len(), files.len());
    files.iter().for_each(|(file, source)| assert_derived_agrees(file, source));
}

#[test]
fn elastic_rules() {
    let Some(expected) = expected("real") else { return };
    for (path, expected) in expected["vendors"]["elastic"].as_object().unwrap() {
        let path = if path == "toml" { "elastic/toml" } else { path };
        assert_agrees(&format!("real/{path}"), "elastic", expected, &NAMES);
    }
}

#[test]
fn sentinel_rules() {
    let Some(expected) = expected("real") else { return };
    for (path, expected) in expected["vendors"]["sentinel"].as_object().unwrap() {
        let path = match path.as_str() {
            "ALL_exports" => "sentinel/export",
            "yaml" => "sentinel/yaml",
            file => file,
        };
        assert_agrees(&format!("real/{path}"), "sentinel", expected, &NAMES);
    }
}

#[test]
fn sentinel_rules_of_old_exports_get_techniques_from_templates() {
    let Some(folder) = shared_data() else { return };
    let templates = templates::load(&[folder.join("reference")]).unwrap();
    let mut reading = collect(&[folder.join("real/sentinel/export")], None).reading;
    let untagged = |reading: &Reading| reading.rules.iter().filter(|rule| rule.techniques.is_empty()).count();
    let before = untagged(&reading);
    let recovered = templates.recover(&mut reading);
    println!("{recovered} of {before} rules without techniques have them from their template");
    assert_eq!(untagged(&reading), before - recovered);
    assert!(recovered * 2 > before, "{recovered} of {before}");
}

#[test]
fn cortex_rules() {
    let Some(expected) = expected("real") else { return };
    assert_agrees("real/cortex", "cortex", &expected["vendors"]["cortex"]["all"], &NAMES);
}

#[test]
fn sumo_rules() {
    let Some(expected) = expected("real") else { return };
    let expected = &expected["vendors"]["sumo"];
    assert_agrees("real/sumo/catalog/rules.json", "sumo", &expected["rules.json"], &NAMES);
    let table = counts("real/sumo/catalog/rules.csv");
    assert_eq!((&table["source"], &table["rules"]), (&json!("sumo"), &expected["rules.csv_rows"]));
    // But for the one rule that the table has not, both forms say the same.
    let reading = |form: &str| {
        let path = shared_data().unwrap().join(format!("real/sumo/catalog/rules.{form}"));
        collect(&[path], None).reading
    };
    let (table, mut catalogue) = (reading("csv"), reading("json"));
    let ids: BTreeSet<_> = table.rules.iter().map(|rule| rule.id.clone()).collect();
    catalogue.rules.retain(|rule| ids.contains(&rule.id));
    let said = |reading: Reading| -> BTreeMap<_, _> {
        reading
            .rules
            .into_iter()
            .map(|rule| (rule.id, (rule.techniques, rule.enabled.is_running())))
            .collect()
    };
    assert_eq!(said(table), said(catalogue));
}

#[test]
fn chronicle_rules() {
    let Some(expected) = expected("real") else { return };
    assert_agrees("real/chronicle", "chronicle", &expected["vendors"]["chronicle"]["all"], &NAMES);
}

/// What is too small to have figures of its own.
#[test]
fn samples_are_recognised_and_read() {
    if shared_data().is_none() {
        return;
    }
    for (file, source, rules, not_rules) in [
        ("elastic_rules_export.ndjson", "elastic", 3, 1),
        ("sentinel_portal_export.json", "sentinel", 3, 0),
        ("sentinel_rest_value_fixture.json", "sentinel", 4, 0),
        ("cortex_bioc_get.docs.json", "cortex", 2, 0),
        ("cortex_bioc_object.json", "cortex", 1, 0),
        ("cortex_correlation_get_object.json", "cortex", 1, 0),
        ("sumo_rules_api_shape_from_openapi.json", "sumo", 3, 0),
        ("splunk_rest_saved_searches.json", "splunk", 1, 0),
        ("checkpoint_show-threat-protections.json", "checkpoint", 1, 0),
    ] {
        let told = counts(&format!("samples/{file}"));
        let other = told["left_out"]["documents_no_rule"].as_u64().unwrap_or_default();
        assert_eq!(
            (&told["source"], &told["rules"], other),
            (&json!(source), &json!(rules), not_rules),
            "{file}: {told}"
        );
    }
}

#[test]
fn navigator_layers() {
    let Some(expected) = expected("real") else { return };
    let declared = ["--basis", "catalog", "--scale", "rule-count/1", "--technology", "microsoft.windows"];
    for (path, expected) in expected["vendors"]["navigator"].as_object().unwrap() {
        let path = format!("real/{path}");
        let (told, snapshot) = run(&[&path], &declared);
        if expected["entries_with_score"] == 0 {
            assert!(told["error"].as_str().unwrap().contains("colours only"), "{path}: {told}");
            continue;
        }
        assert_eq!(told["source"], "navigator", "{path}");
        let names = [
            "entries",
            "distinct_ids",
            "ids_repeated_for_tactics",
            "entries_with_score",
            "entries_enabled_false",
            "colour_only_entries",
            "max_score_by_id",
            "unmappable_19_0",
            "revoked_19_0",
        ];
        assert_same(&path, &told, expected, &names);
        // The cells are the maxima, capped, where the newest ATT&CK still has the technique.
        let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
        let cells = snapshot["cells"].as_array().unwrap();
        for cell in cells {
            let value = cell["value"].as_f64().unwrap();
            let best =
                expected["max_score_by_id"].get(cell["technique"].as_str().unwrap()).and_then(Value::as_f64);
            assert!(best.is_none_or(|best| value >= best.min(20.0)), "{path} {cell}");
        }
        assert!(!cells.is_empty(), "{path}");
    }
}

#[test]
fn dettect_administration() {
    let Some(expected) = expected("real") else { return };
    let expected = &expected["vendors"]["dettect"];
    let told = told(&["real/dettect"], &[]);
    assert_eq!((&told["source"], &told["files"]), (&json!("dettect"), &json!(3)));
    let (techniques, data_sources) = (
        &expected["dettect/DeTTECT/techniques-administration-endpoints.yaml"],
        &expected["dettect/DeTTECT/data-sources-endpoints.yaml"],
    );
    let names = [
        "detection_latest_max",
        "visibility_latest_max",
        "detection_score_histogram",
        "visibility_score_histogram",
        "applicable_to",
        "detected_ge_1",
        "unmappable_19_0",
        "techniques",
    ];
    assert_same("dettect", &told, techniques, &names);
    assert_eq!(told["products"], data_sources["products"]);
    assert!(told["technologies"].as_array().unwrap().contains(&json!("microsoft.windows")), "{told}");
}

/// A product without a mapping of its own: the protections are counted, the profiles told, and no technique is there.
#[test]
fn check_point_has_no_technique_of_its_own() {
    let Some(expected) = expected("real") else { return };
    let expected = &expected["vendors"]["checkpoint"];
    let path = "checkpoint/mgmt_api/show-threat-protections.json";
    let (told, expected_of_it) = (counts(&format!("real/{path}")), &expected[path]);
    assert_eq!((&told["source"], &told["rules"]), (&json!("checkpoint"), &expected_of_it["protections"]));
    assert_eq!((&told["enabled"], &told["technique_rules_raw"]), (&json!(1), &json!({})));
    // There is one protection in the answer, so that the number of each profile and action is one.
    let profiles = expected_of_it["profiles"].as_object().unwrap().iter();
    let profiles: BTreeMap<String, usize> =
        profiles.map(|(profile, action)| (format!("{profile}: {}", action.as_str().unwrap()), 1)).collect();
    assert_eq!(told["profiles"], json!(profiles));
    for log in ["CEF_geo_protection.log", "CEF_proxy_src.log", "Syslog.log"] {
        let told = self::told(&[&format!("real/checkpoint/logs/{log}")], &[]);
        assert_eq!(told["source"], "checkpoint", "{log}");
        assert_eq!(told["rules"], expected[format!("checkpoint/logs/{log}")]["mitre_fields"], "{log}");
        assert_eq!(told["left_out"]["documents_no_rule"], 1, "{log}");
    }
}

#[test]
fn real_log_sources_find_a_technology() {
    let Some(folder) = shared_data() else { return };
    for path in [
        "real/sigma",
        "real/splunk/conf",
        "real/splunk/yaml",
        "derived/splunk_saved_searches.json",
        "real/elastic",
        "derived/elastic_rules_export.ndjson",
        "real/sentinel/export",
        "real/sentinel/yaml",
        "derived/sentinel_alertRules_list.json",
        "real/cortex",
        "derived/cortex_correlations_get.json",
        "real/sumo/catalog/rules.json",
        "real/sumo/catalog/rules.csv",
        "derived/sumo_rules_api.json",
        "real/chronicle",
    ] {
        let collected = collect(&[folder.join(path)], None);
        let rules = &collected.reading.rules;
        let names_one = |at: &usize| !rules[*at].sources.is_empty() || !rules[*at].one_of.is_empty();
        let naming = (0..rules.len()).filter(names_one).count();
        let built = built(&collected.reading, &options(collected.source, Basis::Catalog));
        let unknown = built.origins.iter().filter(|((_, technology), _)| technology == "other.unknown");
        let lost: BTreeSet<usize> = unknown.flat_map(|(_, from)| from).copied().filter(names_one).collect();
        let unmapped: usize = lost.len() + built.report.unmapped_sources.values().sum::<usize>();
        println!(
            "{path}: {unmapped} of {naming} rules have an unknown source, {:?}",
            built.snapshot.header.technologies
        );
        assert!(unmapped * 10 <= naming, "{path}: {:?}", built.report.unmapped_sources);
    }
}
