//! The counts of `expected.json`, exactly, and how much of the real rules finds a technology.

use std::collections::BTreeSet;

use peerbench::{
    domain::{
        attack::Catalogues,
        scale::Scale,
        snapshot::{Basis, CellValue, Source},
        technology,
    },
    sources::{Complete, Context, Options, Reading, counts, files, sentinel::templates},
};
use serde_json::{Map, Value, json};

use super::{built, collect, options};
use crate::support::shared_data::shared_data;

fn figures(reading: &Reading) -> Map<String, Value> {
    let catalogues = Catalogues::bundled();
    counts::of(reading, Context { catalogues: &catalogues, registry: technology::bundled() }).unwrap()
}

fn expected(set: &str) -> Option<Value> {
    let file = shared_data()?.join(set).join("expected.json");
    Some(serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
}

/// The figures whose names both sides have, `rules` and `enabled` among them.
fn assert_agrees(path: &str, source: Source, expected: &Value, names: &[&str]) {
    assert_all_agree(&[path], source, expected, names);
}

/// The same of several files and folders together.
fn assert_all_agree(paths: &[&str], source: Source, expected: &Value, names: &[&str]) {
    let paths: Vec<_> = paths.iter().map(|path| shared_data().unwrap().join(path)).collect();
    let collected = collect(&paths, None);
    assert_eq!(collected.source, source);
    let figures = figures(&collected.reading);
    for name in names {
        assert!(expected.get(name).is_some(), "expected.json has no {name}");
        assert_eq!(figures.get(*name), expected.get(name), "{name}");
    }
    let report = built(&collected.reading, &options(source, Basis::Catalog)).report;
    assert_eq!(json!(report.rules), expected["rules"]);
    let not_disabled = match &expected["enabled"] {
        Value::Object(by_flag) => {
            let count = |flag: &str| by_flag.get(flag).and_then(Value::as_u64).unwrap_or_default();
            count("true") + count("unspecified")
        }
        number => number.as_u64().unwrap(),
    };
    assert_eq!(u64::try_from(report.enabled).unwrap(), not_disabled);
    if let Some(with_technique) = expected.get("rules_with_technique") {
        assert_eq!(json!(report.with_technique), *with_technique);
        assert_eq!(json!(report.techniques), expected["distinct_raw"]);
        assert_eq!(json!(collected.files), expected["files"]);
    }
    let positive: usize = figures["technique_rules_raw"].as_object().unwrap().len();
    assert_eq!(report.techniques, positive);
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
fn sigma_rules() {
    let Some(expected) = expected("real") else { return };
    let expected = &expected["vendors"]["sigma"]["SigmaHQ"];
    assert_agrees("real/sigma/SigmaHQ", Source::Sigma, expected, &[&NAMES[..], &["logsources"]].concat());
}

#[test]
fn splunk_saved_searches_as_files() {
    let Some(expected) = expected("real") else { return };
    for file in
        ["DA-ESS-ContentUpdate.2022-06-29.savedsearches.conf", "dettectinator_example.savedsearches.conf"]
    {
        let path = format!("splunk/conf/{file}");
        let expected = &expected["vendors"]["splunk"][&path];
        assert_agrees(&format!("real/{path}"), Source::Splunk, expected, &NAMES);
    }
}

#[test]
fn splunk_content() {
    let Some(expected) = expected("real") else { return };
    assert_agrees("real/splunk/yaml", Source::Splunk, &expected["vendors"]["splunk"]["yaml"], &NAMES);
}

#[test]
fn splunk_saved_searches_from_rest() {
    let Some(expected) = expected("derived") else { return };
    let file = "splunk_saved_searches.json";
    let names = ["technique_rules_raw", "technique_rules_enabled"];
    assert_agrees(&format!("derived/{file}"), Source::Splunk, &expected["files"][file], &names);
}

/// Of a file in `derived`, whose expectation has fewer figures.
fn assert_derived_agrees(file: &str, source: Source) {
    let Some(expected) = expected("derived") else { return };
    let names = ["technique_rules_raw", "technique_rules_enabled"];
    assert_agrees(&format!("derived/{file}"), source, &expected["files"][file], &names);
}

#[test]
fn elastic_rules() {
    let Some(expected) = expected("real") else { return };
    let vendor = expected["vendors"]["elastic"].as_object().unwrap();
    assert_eq!(vendor.len(), 4);
    for (path, expected) in vendor {
        let path = if path == "toml" { "elastic/toml" } else { path };
        assert_agrees(&format!("real/{path}"), Source::Elastic, expected, &NAMES);
    }
    assert_derived_agrees("elastic_rules_export.ndjson", Source::Elastic);
}

#[test]
fn sentinel_rules() {
    let Some(expected) = expected("real") else { return };
    let vendor = expected["vendors"]["sentinel"].as_object().unwrap();
    assert_eq!(vendor.len(), 7);
    for (path, expected) in vendor {
        let path = match path.as_str() {
            "ALL_exports" => "sentinel/export",
            "yaml" => "sentinel/yaml",
            file => file,
        };
        assert_agrees(&format!("real/{path}"), Source::Sentinel, expected, &NAMES);
    }
    assert_derived_agrees("sentinel_alertRules_list.json", Source::Sentinel);
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
    assert_agrees("real/cortex", Source::Cortex, &expected["vendors"]["cortex"]["all"], &NAMES);
    assert_derived_agrees("cortex_correlations_get.json", Source::Cortex);
    assert_derived_agrees("cortex_correlations_export.json", Source::Cortex);
}

#[test]
fn sumo_rules() {
    let Some(expected) = expected("real") else { return };
    let expected = &expected["vendors"]["sumo"];
    assert_agrees("real/sumo/catalog/rules.json", Source::Sumo, &expected["rules.json"], &NAMES);
    assert_derived_agrees("sumo_rules_api.json", Source::Sumo);
    let table = collect(&[shared_data().unwrap().join("real/sumo/catalog/rules.csv")], None);
    assert_eq!(
        (table.source, json!(table.reading.rules.len())),
        (Source::Sumo, expected["rules.csv_rows"].clone())
    );
    // But for the one rule that the table has not, both forms say the same.
    let mut catalogue = collect(&[shared_data().unwrap().join("real/sumo/catalog/rules.json")], None).reading;
    let ids: BTreeSet<_> = table.reading.rules.iter().map(|rule| rule.id.clone()).collect();
    catalogue.rules.retain(|rule| ids.contains(&rule.id));
    assert_eq!(
        figures(&table.reading)["technique_rules_not_disabled"],
        figures(&catalogue)["technique_rules_not_disabled"]
    );
}

#[test]
fn chronicle_rules() {
    let Some(expected) = expected("real") else { return };
    assert_agrees("real/chronicle", Source::Chronicle, &expected["vendors"]["chronicle"]["all"], &NAMES);
}

/// What is too small to have figures of its own.
#[test]
fn samples_are_recognised_and_read() {
    let Some(folder) = shared_data() else { return };
    for (file, source, rules, not_rules) in [
        ("elastic_rules_export.ndjson", Source::Elastic, 3, 1),
        ("sentinel_portal_export.json", Source::Sentinel, 3, 0),
        ("sentinel_rest_value_fixture.json", Source::Sentinel, 4, 0),
        ("cortex_bioc_get.docs.json", Source::Cortex, 2, 0),
        ("cortex_bioc_object.json", Source::Cortex, 1, 0),
        ("cortex_correlation_get_object.json", Source::Cortex, 1, 0),
        ("sumo_rules_api_shape_from_openapi.json", Source::Sumo, 3, 0),
    ] {
        let collected = collect(&[folder.join("samples").join(file)], None);
        let reading = &collected.reading;
        let other: usize = reading.not_rules.values().sum();
        assert_eq!((collected.source, reading.rules.len(), other), (source, rules, not_rules), "{file}");
    }
}

#[test]
fn navigator_layers() {
    let (Some(folder), Some(expected)) = (shared_data(), expected("real")) else { return };
    let layers = expected["vendors"]["navigator"].as_object().unwrap();
    assert_eq!(layers.len(), 8);
    for (path, expected) in layers {
        let read = files::collect(&[folder.join("real").join(path)], None, &|_, _| {});
        if expected["entries_with_score"] == 0 {
            let error = read.unwrap_err().to_string();
            assert!(error.contains("colours only"), "{path}: {error}");
            continue;
        }
        let collected = read.unwrap();
        assert_eq!(collected.source, Source::Navigator, "{path}");
        let figures = figures(&collected.reading);
        for name in [
            "entries",
            "distinct_ids",
            "ids_repeated_for_tactics",
            "entries_with_score",
            "entries_enabled_false",
            "colour_only_entries",
            "max_score_by_id",
            "unmappable_19_0",
            "revoked_19_0",
        ] {
            assert_eq!(figures[name], expected[name], "{path} {name}");
        }
        // The cells are the maxima, capped, where the newest ATT&CK still has the technique.
        let options = Options {
            scale: Some(Scale::RuleCount),
            technologies: vec!["microsoft.windows".to_owned()],
            complete: Complete::Default,
            ..options(Source::Navigator, Basis::Deployed)
        };
        let built = built(&collected.reading, &options);
        for cell in &built.snapshot.cells {
            let CellValue::Value(value) = cell.value else { panic!("{path} {cell:?}") };
            let best = expected["max_score_by_id"].get(cell.technique.to_string()).and_then(Value::as_f64);
            assert!(best.is_none_or(|best| f64::from(value) >= best.min(20.0)), "{path} {cell:?}");
        }
        assert!(!built.snapshot.cells.is_empty());
    }
}

#[test]
fn dettect_administration() {
    let (Some(folder), Some(expected)) = (shared_data(), expected("real")) else { return };
    let expected = &expected["vendors"]["dettect"];
    let collected = collect(&[folder.join("real/dettect")], None);
    assert_eq!((collected.source, collected.files), (Source::Dettect, 3));
    let figures = figures(&collected.reading);
    let (techniques, data_sources) = (
        &expected["dettect/DeTTECT/techniques-administration-endpoints.yaml"],
        &expected["dettect/DeTTECT/data-sources-endpoints.yaml"],
    );
    for name in [
        "detection_latest_max",
        "visibility_latest_max",
        "detection_score_histogram",
        "visibility_score_histogram",
        "applicable_to",
        "detected_ge_1",
        "unmappable_19_0",
    ] {
        assert_eq!(figures[name], techniques[name], "{name}");
    }
    assert_eq!(figures["products"], data_sources["products"]);
    let built = built(&collected.reading, &options(Source::Dettect, Basis::Deployed));
    assert_eq!(json!(built.report.techniques), techniques["techniques"]);
    assert!(built.snapshot.technologies.iter().any(|technology| technology == "microsoft.windows"));
}

#[test]
fn check_point_has_no_technique_of_its_own() {
    let (Some(folder), Some(expected)) = (shared_data(), expected("real")) else { return };
    let expected = &expected["vendors"]["checkpoint"];
    let collected = collect(&[folder.join("real/checkpoint/mgmt_api")], None);
    assert_eq!(collected.source, Source::CheckPoint);
    let protections = &expected["checkpoint/mgmt_api/show-threat-protections.json"];
    assert_eq!(json!(collected.reading.rules.len()), protections["protections"]);
    assert!(
        collected.reading.rules.iter().all(|rule| rule.techniques.is_empty() && rule.enabled.is_running())
    );
    for log in ["CEF_geo_protection.log", "CEF_proxy_src.log", "Syslog.log"] {
        let collected = collect(&[folder.join("real/checkpoint/logs").join(log)], None);
        assert_eq!(collected.source, Source::CheckPoint, "{log}");
        assert_eq!(
            json!(collected.reading.scores.len()),
            expected[format!("checkpoint/logs/{log}")]["mitre_fields"]
        );
        assert_eq!(collected.reading.not_rules["log_without_technique"], 1, "{log}");
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
            built.snapshot.technologies
        );
        assert!(unmapped * 10 <= naming, "{path}: {:?}", built.report.unmapped_sources);
    }
}
