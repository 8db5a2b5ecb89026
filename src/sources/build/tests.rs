//! Building: fan-out, completeness, honest counting, scores.

use std::collections::BTreeMap;

use super::{report::LeftOut, *};
use crate::{
    domain::{
        scale::Scale,
        snapshot::{Basis, CellValue, Context as ParseContext, parse},
        technology,
    },
    sources::{
        products::navigator,
        reading::{Enabled, Input, Place, Rule, Silent},
        technique_ids::Mentions,
    },
};

fn rule(techniques: &[&str], sources: &[&str]) -> Rule {
    let mut mentions = Mentions::default();
    techniques.iter().for_each(|text| mentions.add_text(text));
    Rule {
        enabled: Enabled::Yes,
        techniques: mentions,
        sources: sources.iter().map(|text| (*text).to_owned()).collect(),
        // Two rules of the same file are two, whatever their names.
        ..Rule::new("secret", Place::line(&"secret.yml".into(), 1))
    }
}

fn options(source: Source) -> Options {
    Options {
        source,
        feed: 1,
        adapter: "0.1.0".parse().unwrap(),
        basis: Basis::Deployed,
        period: "2026-11".parse().unwrap(),
        attack: None,
        technologies: Vec::new(),
        complete: Complete::Default,
        mappings: Vec::new(),
        max_techniques: MAX_TECHNIQUES,
        scale: None,
    }
}

fn try_built(reading: &Reading, options: &Options) -> Result<Built, BuildError> {
    let catalogues = Catalogues::bundled();
    let context = Context { catalogues: &catalogues, registry: technology::bundled() };
    let built = build(reading, options, context)?;
    // Whatever is built, the service accepts, and reads back as the same.
    let bytes = serde_json::to_vec(&built.snapshot).unwrap();
    let check = ParseContext {
        catalogues: &catalogues,
        registry: technology::bundled(),
        current: "2026-11".parse().unwrap(),
    };
    assert_eq!(parse(&bytes, check).unwrap(), built.snapshot);
    Ok(built)
}

fn built(rules: Vec<Rule>, options: &Options) -> Built {
    try_built(&Reading { rules, ..Reading::default() }, options).unwrap()
}

/// Cells as `technique technology value`, `?` for not assessed.
fn cells(built: &Built) -> Vec<String> {
    let said = |cell: &crate::domain::snapshot::Cell| {
        let value = match cell.value {
            CellValue::Value(value) => value.to_string(),
            CellValue::NotAssessed => "?".to_owned(),
        };
        format!("{} {} {value}", cell.technique, built.snapshot.technology(cell))
    };
    built.snapshot.cells.iter().map(said).collect()
}

fn left_out(built: &Built) -> Vec<(Reason, usize)> {
    built.report.left_out.iter().collect()
}

#[test]
fn rules_are_counted_per_technique_and_technology_and_capped() {
    let mut rules = vec![
        rule(&["T1059.001", "T1078"], &["windows/process_creation/*"]),
        rule(&["T1059.001"], &["windows/*/security"]),
        rule(&["T1530"], &["aws/*/cloudtrail"]),
    ];
    rules.extend(vec![rule(&["T1003"], &["windows/*/security"]); 25]);
    let built = built(rules, &options(Source::Sigma));
    assert_eq!(
        cells(&built),
        [
            "T1530 aws.cloudtrail 1",
            "T1003 microsoft.windows 20",
            "T1059.001 microsoft.windows 2",
            "T1078 microsoft.windows 1"
        ]
    );
    assert_eq!(built.snapshot.header.complete, ["aws.cloudtrail", "microsoft.windows"]);
    assert_eq!(built.report.counted, 28);
    assert_eq!(built.origins[&("T1059.001".parse().unwrap(), "microsoft.windows".to_owned())], [0, 1]);
}

#[test]
fn what_does_not_run_or_alert_counts_only_in_the_catalog() {
    let off = Rule { enabled: Enabled::No, ..rule(&["T1059"], &["windows/*/security"]) };
    let hunting = Rule { silent: Some(Silent::Hunting), ..rule(&["T1059"], &["linux/*/auditd"]) };
    let untagged = rule(&[], &["okta/*/okta"]);
    let rules = vec![off, hunting, untagged];
    let deployed = built(rules.clone(), &options(Source::Sigma));
    assert!(deployed.snapshot.cells.is_empty());
    assert_eq!(
        deployed.snapshot.header.technologies,
        ["okta.identity"],
        "an untagged rule proves its technology"
    );
    assert_eq!(
        left_out(&deployed),
        [(Reason::RulesDisabled, 1), (Reason::RulesHunting, 1), (Reason::RulesUntagged, 1)]
    );
    let catalog = built(rules, &Options { basis: Basis::Catalog, ..options(Source::Sigma) });
    assert_eq!(cells(&catalog), ["T1059 linux.auditd 1", "T1059 microsoft.windows 1"]);
}

#[test]
fn rules_that_name_too_much_are_left_out() {
    let broad: Vec<String> = (1..=13).map(|n| format!("T{}", 1000 + n)).collect();
    let broad: Vec<&str> = broad.iter().map(String::as_str).collect();
    let rules = vec![rule(&broad, &["windows/*/security"])];
    let limited = built(rules.clone(), &options(Source::Sigma));
    assert_eq!(left_out(&limited), [(Reason::RulesOverBroad, 1)]);
    let free = built(rules, &Options { max_techniques: 0, ..options(Source::Sigma) });
    assert!(!free.snapshot.cells.is_empty());
}

#[test]
fn ids_are_mapped_rule_by_rule_before_they_are_counted() {
    let rules = vec![
        rule(&["T1562.001", "T1562"], &["windows/*/security"]),
        rule(&["T1685"], &["windows/*/security"]),
        rule(&["T0859", "T105"], &["windows/*/security"]),
    ];
    let newest = built(rules.clone(), &options(Source::Sigma));
    assert_eq!(cells(&newest), ["T1685 microsoft.windows 2"]);
    assert_eq!(newest.snapshot.header.attack.to_string(), "19.2");
    let older = built(rules, &Options { attack: Some("18.1".parse().unwrap()), ..options(Source::Sigma) });
    assert_eq!(cells(&older), ["T1562.001 microsoft.windows 1"]);
    assert_eq!(
        left_out(&older),
        [
            (Reason::IdsMalformed, 1),
            (Reason::IdsOfAnotherMatrix, 1),
            (Reason::IdsNotInVersion, 1),
            (Reason::IdsParentBesideItsSub, 1)
        ]
    );
}

#[test]
fn a_data_model_counts_for_what_is_present_and_proves_nothing() {
    let rules =
        vec![rule(&["T1059"], &["datamodel:Endpoint.Processes"]), rule(&["T1003"], &["macro:sysmon"])];
    let with_windows = built(rules.clone(), &options(Source::Splunk));
    assert_eq!(cells(&with_windows), ["T1003 microsoft.windows 1", "T1059 microsoft.windows 1"]);
    let alone = built(rules[..1].to_vec(), &options(Source::Splunk));
    assert_eq!(cells(&alone), ["T1059 other.endpoint 1"]);
    let declared = Options {
        technologies: vec!["crowdstrike.falcon".to_owned(), "linux.auditd".to_owned()],
        ..options(Source::Splunk)
    };
    let declared = built(rules, &declared);
    assert_eq!(cells(&declared), ["T1059 crowdstrike.falcon 1", "T1059 linux.auditd 1"]);
    assert_eq!(left_out(&declared), [(Reason::RulesOfUndeclaredTechnology, 1)]);
    assert_eq!(
        declared.snapshot.header.complete,
        ["linux.auditd"],
        "what detects by itself is never complete"
    );
}

#[test]
fn a_data_model_counts_only_for_what_can_see_the_technique() {
    let rules = |technique| {
        vec![
            rule(&[technique], &["datamodel:Endpoint.Processes"]),
            rule(&["T1078"], &["macro:sysmon"]),
            rule(&["T1078"], &["sourcetype:linux:audit"]),
        ]
    };
    let of = |technique| {
        let cells = cells(&built(rules(technique), &options(Source::Splunk)));
        cells.into_iter().filter(|cell| cell.starts_with(technique)).collect::<Vec<_>>()
    };
    assert_eq!(of("T1059.001"), ["T1059.001 microsoft.windows 1"], "PowerShell is not seen by auditd");
    assert_eq!(of("T1053.003"), ["T1053.003 linux.auditd 1"], "nor cron by Windows");
    let on_windows = vec![
        rule(&["T1105"], &["datamodel:Endpoint.Processes on windows"]),
        rule(&["T1078"], &["macro:sysmon"]),
        rule(&["T1078"], &["sourcetype:linux:audit"]),
    ];
    let found = built(on_windows, &options(Source::Splunk));
    assert!(!found.origins.contains_key(&("T1105".parse().unwrap(), "linux.auditd".to_owned())));
}

#[test]
fn alternatives_prove_a_technology_only_when_all_mean_it() {
    let alternatives = |names: &[&str]| Rule {
        one_of: names.iter().map(|name| format!("data_source:{name}")).collect(),
        ..rule(&["T1059"], &["datamodel:Endpoint.Processes"])
    };
    let both = ["Sysmon EventID 1", "CrowdStrike ProcessRollup2"];
    let windows = ["Sysmon EventID 1", "Windows Event Log Security 4688"];
    assert_eq!(
        cells(&built(vec![alternatives(&windows)], &options(Source::Splunk))),
        ["T1059 microsoft.windows 1"]
    );
    assert_eq!(
        cells(&built(vec![alternatives(&both)], &options(Source::Splunk))),
        ["T1059 other.endpoint 1"]
    );
    let rules = vec![alternatives(&both), alternatives(&windows)];
    assert_eq!(cells(&built(rules, &options(Source::Splunk))), ["T1059 microsoft.windows 2"]);
}

#[test]
fn unknown_sources_are_other_are_listed_and_make_silence_uncertain() {
    let rules = vec![
        rule(&["T1078"], &["acme/*/audit"]),
        rule(&["T1110"], &[]),
        rule(&["T1190"], &["*/webserver/*"]),
        rule(&["T1003"], &["windows/*/security"]),
        rule(&["T1530"], &["aws/*/cloudtrail"]),
    ];
    let found = built(rules.clone(), &options(Source::Sigma));
    assert_eq!(
        cells(&found),
        [
            "T1078 aws.cloudtrail ?",
            "T1110 aws.cloudtrail ?",
            "T1530 aws.cloudtrail 1",
            "T1003 microsoft.windows 1",
            "T1078 microsoft.windows ?",
            "T1110 microsoft.windows ?",
            "T1190 microsoft.windows ?",
            "T1190 other.endpoint 1",
            "T1078 other.unknown 1",
            "T1110 other.unknown 1",
        ]
    );
    assert_eq!(found.report.unmapped_sources, BTreeMap::from([("acme/*/audit".to_owned(), 1)]));
    let mapped = Options { mappings: vec!["acme/*=okta.identity".to_owned()], ..options(Source::Sigma) };
    let mapped = built(rules, &mapped);
    assert!(cells(&mapped).contains(&"T1078 okta.identity 1".to_owned()));
    assert!(mapped.report.unmapped_sources.is_empty());
}

#[test]
fn a_rule_without_source_is_about_the_only_technology_that_the_user_names() {
    let only = Options { technologies: vec!["okta.identity".to_owned()], ..options(Source::Splunk) };
    assert_eq!(cells(&built(vec![rule(&["T1110"], &[])], &only)), ["T1110 okta.identity 1"]);
}

#[test]
fn completeness_is_checked() {
    let windows = || Reading { rules: vec![rule(&["T1003"], &["windows/*/security"])], ..Reading::default() };
    let with = |complete| try_built(&windows(), &Options { complete, ..options(Source::Sigma) });
    assert!(with(Complete::Nothing).unwrap().snapshot.header.complete.is_empty());
    let these = |id: &str| with(Complete::These(vec![id.to_owned()]));
    assert_eq!(these("microsoft.windows").unwrap().snapshot.header.complete, ["microsoft.windows"]);
    assert!(matches!(these("okta.identity"), Err(BuildError::CompleteNotDeclared(_))));
    assert!(matches!(these("crowdstrike.falcon"), Err(BuildError::CannotBeComplete(_))));
    assert!(matches!(these("other.unknown"), Err(BuildError::CannotBeComplete(_))));
}

#[test]
fn wrong_options_are_refused() {
    let none = Reading::default();
    let refused = |change: fn(&mut Options)| {
        let mut options = options(Source::Sigma);
        change(&mut options);
        try_built(&none, &options).unwrap_err()
    };
    assert!(matches!(refused(|o| o.technologies = vec!["a.b".into()]), BuildError::UnknownTechnology(_)));
    assert!(matches!(refused(|o| o.basis = Basis::Observed), BuildError::Basis(_)));
    assert!(matches!(refused(|o| o.scale = Some(Scale::Percent)), BuildError::ScaleOfRules));
    assert!(matches!(refused(|o| o.attack = "1.0".parse().ok()), BuildError::UnknownVersion(..)));
    assert!(matches!(refused(|o| o.mappings = vec!["x".into()]), BuildError::Crosswalk(_)));
}

fn layer(scores: &str, scale: Scale) -> Result<Built, BuildError> {
    let text = format!(r#"{{"domain": "mitre-enterprise", "version": "3.0", "techniques": [{scores}]}}"#);
    let reading = navigator::read(&[Input::new("layer.json", text)]).unwrap();
    let options = Options {
        technologies: vec!["microsoft.windows".to_owned()],
        scale: Some(scale),
        ..options(Source::Navigator)
    };
    try_built(&reading, &options)
}

#[test]
fn a_layer_gives_its_highest_score_and_leaves_what_is_not_scored_unknown() {
    let scores = r#"{"techniqueID": "T1059", "tactic": "execution", "score": 3},
        {"techniqueID": "T1059", "tactic": "other", "score": 41}, {"techniqueID": "T1078", "score": 0},
        {"techniqueID": "T1003"}, {"techniqueID": "T1110", "score": 5, "enabled": false},
        {"techniqueID": "T1562.001", "score": 2}, {"techniqueID": "T1545", "score": 2}"#;
    let built = layer(scores, Scale::RuleCount).unwrap();
    assert_eq!(
        cells(&built),
        ["T1059 microsoft.windows 20", "T1078 microsoft.windows 0", "T1685 microsoft.windows 2"]
    );
    assert!(built.snapshot.header.complete.is_empty(), "a layer does not say that it is all");
    assert_eq!(
        left_out(&built),
        [(Reason::IdsUnknown, 1), (Reason::EntriesDisabled, 1), (Reason::EntriesUnscored, 1)]
    );
}

#[test]
fn scores_that_do_not_fit_the_declared_scale_are_refused() {
    let one = |score: &str, scale| layer(&format!(r#"{{"techniqueID": "T1059", "score": {score}}}"#), scale);
    for (score, scale) in [
        ("101", Scale::Percent),
        ("-1", Scale::Percent),
        ("2.5", Scale::RuleCount),
        ("-1", Scale::RuleCount),
        ("6", Scale::Dettect),
        ("3", Scale::PartialFull),
        ("1e300", Scale::Percent),
    ] {
        let error = one(score, scale).unwrap_err();
        assert!(matches!(error, BuildError::Score { .. }) && error.is_of_the_input(), "{score} {scale}");
        assert!(error.to_string().starts_with("layer.json, item 1: a score "), "{error}");
    }
    for (score, scale) in [
        ("2.0", Scale::RuleCount),
        ("1e300", Scale::RuleCount),
        ("100", Scale::Percent),
        ("-1", Scale::Dettect),
        ("50", Scale::PartialFull),
        ("2", Scale::PartialFull),
    ] {
        assert!(one(score, scale).is_ok(), "{score} {scale}");
    }
    assert!(matches!(one("1", Scale::Outcome), Err(BuildError::ScaleOfLayers)));
}

#[test]
fn a_layer_needs_a_scale_and_exactly_one_technology() {
    let reading = Reading::default();
    let without = options(Source::Navigator);
    assert!(matches!(try_built(&reading, &without), Err(BuildError::NoScale)));
    let none = Options { scale: Some(Scale::Percent), ..without };
    assert!(matches!(try_built(&reading, &none), Err(BuildError::OneTechnology)));
    let two = Options { technologies: vec!["aws.cloudtrail".into(), "okta.identity".into()], ..none };
    assert!(matches!(try_built(&reading, &two), Err(BuildError::OneTechnology)));
}

#[test]
fn an_empty_export_is_an_empty_snapshot() {
    let empty = built(Vec::new(), &options(Source::Sigma));
    assert!(empty.snapshot.header.technologies.is_empty() && empty.snapshot.cells.is_empty());
    assert_eq!(empty.report.left_out, LeftOut::default());
}
