//! Splunk: annotations in every style, stanzas and layers, what alerts, hostile files.

use proptest::prelude::*;

use super::{saved_search::rule, *};
use crate::sources::reading::{Enabled, Place, Rule, Silent};

const CONF: &str = r#"# comment
[default]
disabled = 0
enableSched = 1

[[T1003] Dump - LSASS [v2]]
action.correlationsearch.enabled = 1
action.correlationsearch.annotations = {"mitre_attack": ["T1003.001", "T1003"]}
search = `sysmon` EventCode=10 \
| eval x="[not a stanza]" \
# part of the search\
| stats count

[Off]
disabled = true
action.notable = 1
search = | tstats count from datamodel=Endpoint.Processes
"#;

fn conf(text: &str) -> Vec<Rule> {
    read(&[Input::new("savedsearches.conf", text)]).unwrap().rules
}

fn ids(rule: &Rule) -> Vec<String> {
    rule.techniques.ids.iter().map(ToString::to_string).collect()
}

fn annotated(annotations: &str) -> Rule {
    let settings = [("action.correlationsearch.annotations".to_owned(), annotations.to_owned())];
    rule("r", Place::item(&"f".into(), 1), &settings.into_iter().collect())
}

#[test]
fn stanzas_inherit_continue_and_may_hold_brackets() {
    let rules = conf(CONF);
    assert_eq!(rules.len(), 2);
    assert_eq!(rules[0].name, "[T1003] Dump - LSASS [v2]");
    assert_eq!(rules[0].place.to_string(), "savedsearches.conf:6");
    assert_eq!((rules[0].enabled, rules[0].silent), (Enabled::Yes, None));
    assert_eq!(ids(&rules[0]), ["T1003", "T1003.001"]);
    assert_eq!(rules[0].sources, ["macro:sysmon"]);
    assert_eq!((rules[1].enabled, rules[1].silent), (Enabled::No, None));
    assert_eq!(rules[1].sources, ["datamodel:Endpoint.Processes"]);
}

#[test]
fn local_overlays_default_stanza_by_stanza_and_key_by_key() {
    let default = Input::new("app/default/savedsearches.conf", CONF);
    let local =
        Input::new("app/local/savedsearches.conf", "[Off]\ndisabled = 0\n\r\n[New]\r\nsearch = x\r\n");
    let rules = read(&[default, local]).unwrap().rules;
    let said: Vec<_> = rules.iter().map(|rule| (rule.name.as_str(), rule.enabled)).collect();
    assert_eq!(
        said,
        [("[T1003] Dump - LSASS [v2]", Enabled::Yes), ("Off", Enabled::Yes), ("New", Enabled::Yes)]
    );
    assert_eq!(rules[1].silent, None, "action.notable comes from the layer below");
    assert_eq!(rules[1].place.to_string(), "app/local/savedsearches.conf:1");
}

#[test]
fn annotations_in_every_style() {
    for text in [
        r#"{"mitre_attack": ["T1059.001", "T1078"], "nist": ["DE.CM"]}"#,
        r#""{\"mitre_attack\": [\"T1059.001\", \"T1078\"]}""#,
        r#"{"mitre_attack": "T1059.001, T1078"}"#,
        r#"{"mitre_attack": ["T1059.001|T1078"]}"#,
        r#"{"mitre_attack": "[\"T1059.001\", \"T1078\"]"}"#,
        "{'mitre_attack': ['T1059.001', 'T1078'], 'confidence': 50}",
        "{u'mitre_attack': [u't1059.001', u't1078'],}",
        r#"{"MITRE ATT&CK": ["T1059.001 - PowerShell", "T1078 - Valid Accounts"]}"#,
        r#"{"mitre_attack": ["T1059.001", "T1078"], cut off"#,
    ] {
        assert_eq!(ids(&annotated(text)), ["T1059.001", "T1078"], "{text}");
    }
    assert_eq!(
        annotated(r#"{"mitre_attack": ["PowerShell", ""]}"#).techniques.names,
        ["PowerShell".to_owned()].into()
    );
    assert_eq!(annotated(r#"{"mitre_attack": ["T105"]}"#).techniques.malformed, ["T105".to_owned()].into());
    assert!(annotated(r#"{"cis20": ["T1059"], "mitre_attack": [""]}"#).techniques.is_empty());
    assert!(annotated("T1059").techniques.is_empty(), "no framework is named");
}

#[test]
fn older_mappings_stand_in_where_there_are_no_annotations() {
    let text = "[a]\naction.escu.mappings = {\"mitre_attack\": [\"T1059\"]}\n";
    assert_eq!(ids(&conf(text)[0]), ["T1059"]);
}

#[test]
fn only_what_tells_somebody_alerts() {
    for (lines, silent) in [
        ("action.correlationsearch.enabled = 1", None),
        ("action.notable = 1", None),
        ("action.email = 1", None),
        ("alert.track = 1", None),
        ("actions = risk, webhook", None),
        ("action.risk = 1", Some(Silent::RiskOnly)),
        ("actions = risk,summary_index", Some(Silent::RiskOnly)),
        ("action.summary_index = 1", Some(Silent::NoAlertAction)),
        ("action.email.useNSSubject = 1\nalert.track = 0", Some(Silent::NoAlertAction)),
        ("action.notable = 1\nenableSched = 0", Some(Silent::NotScheduled)),
        (
            "action.notable = 1\naction.correlationsearch.annotations = {\"type\": \"Hunting\"}",
            Some(Silent::Hunting),
        ),
    ] {
        assert_eq!(conf(&format!("[a]\nenableSched = 1\n{lines}\n"))[0].silent, silent, "{lines}");
    }
}

#[test]
fn data_sources_are_alternatives_and_data_models_stand_in_for_silence() {
    let rule = annotated(
        r#"{"data_source": ["Sysmon EventID 1 AND Sysmon EventID 3", "CrowdStrike ProcessRollup2"]}"#,
    );
    assert_eq!(
        rule.one_of,
        [
            "data_source:Sysmon EventID 1",
            "data_source:Sysmon EventID 3",
            "data_source:CrowdStrike ProcessRollup2"
        ]
    );
    let rule = &conf("[a]\nsearch = x\naction.escu.data_models = [\"Web\"]\n")[0];
    assert_eq!(rule.sources, ["datamodel:Web"]);
}

#[test]
fn rest_answers_and_rows_say_the_same_as_the_file() {
    let content = r#"{"search": "`sysmon` x", "disabled": false, "is_scheduled": true, "action.notable": "1",
        "action.correlationsearch.annotations": "{\"mitre_attack\": [\"T1003\"]}"}"#;
    let row = content.replacen('{', "{\"title\": \"A\", ", 1);
    for text in [
        format!(r#"{{"entry": [{{"name": "A", "content": {content}}}]}}"#),
        format!(r#"[{{"entry": [{{"name": "A", "content": {content}}}]}}]"#),
        format!(r#"{{"results": [{row}]}}"#),
        format!("{{\"preview\": false, \"result\": {row}}}\n"),
        format!("[{row}]"),
        // `| tojson` adds the row a second time, in one text.
        format!("{{\"result\": {}}}", serde_json::json!({"_raw": row})),
    ] {
        assert!((READER.recognises)(&text), "{text}");
        let rules = read(&[Input::new("a.json", text.as_str())]).unwrap().rules;
        let [rule] = rules.as_slice() else { panic!("{text}: {rules:?}") };
        assert_eq!((rule.name.as_str(), rule.enabled, rule.silent), ("A", Enabled::Yes, None));
        assert_eq!(ids(rule), ["T1003"]);
        assert_eq!(rule.place.item, Some(1));
    }
}

#[test]
fn content_is_read_with_what_kind_of_detection_it_is() {
    let content = |kind: &str, status: &str, tags: &str| {
        format!(
            "name: A\nid: 1\nstatus: {status}\ntype: {kind}\ndata_source:\n- Sysmon EventID 1 AND Sysmon EventID 3\n\
             search: '| tstats count from datamodel=Endpoint.Processes where x=\"a.exe\"'\ntags:\n  {tags}\n"
        )
    };
    for (kind, status, enabled, silent) in [
        ("TTP", "production", Enabled::Unspecified, None),
        ("Correlation", "experimental", Enabled::Unspecified, None),
        ("Hunting", "production", Enabled::Unspecified, Some(Silent::Hunting)),
        ("Anomaly", "production", Enabled::Unspecified, Some(Silent::RiskOnly)),
        ("TTP", "deprecated", Enabled::No, None),
    ] {
        let text = content(kind, status, "mitre_attack_id: [T1003.001, T1003]");
        assert!((READER.recognises)(&text));
        let rules = read(&[Input::new("a.yml", text)]).unwrap().rules;
        let [rule] = rules.as_slice() else { panic!("{rules:?}") };
        assert_eq!((rule.enabled, rule.silent), (enabled, silent), "{kind} {status}");
        assert_eq!(ids(rule), ["T1003", "T1003.001"]);
        assert_eq!(rule.sources, ["datamodel:Endpoint.Processes on windows"]);
        assert_eq!(rule.one_of, ["data_source:Sysmon EventID 1", "data_source:Sysmon EventID 3"]);
        assert_eq!(rule.place.line, Some(1));
    }
    let rules = read(&[Input::new("a.yml", content("TTP", "production", "asset_type: x"))]).unwrap().rules;
    assert!(rules[0].techniques.is_empty());
}

#[test]
fn damaged_json_is_refused_with_its_line() {
    let error = |text: &str| read(&[Input::new("a.json", text)]).unwrap_err().to_string();
    let cut = error("{\"entry\": [\n{\"secret\"");
    assert_eq!(cut, "a.json:2: ends in the middle of the JSON, so the export was cut off.");
    assert!(error("{\"entry\":\n secret}").starts_with("a.json:2: is not valid JSON"));
    assert!(error("{}").contains("holds no saved searches"));
    assert!(error(&"[{\"entry\":".repeat(10_000)).contains("not valid JSON"));
}

#[test]
fn hostile_files_end_soon() {
    let endless = "sourcetype in (\" ".repeat(200_000);
    let rules = conf(&format!("[A]\nsearch = {endless}\n"));
    assert!(rules[0].sources.len() <= 500);
    let many: String = (0..200_000).map(|n| format!("T{n},")).collect();
    let rules = conf(&format!(
        "[A]\naction.correlationsearch.annotations = {{\"mitre_attack\": \"{many}\"}}\nsearch = x\n"
    ));
    assert!(rules[0].techniques.ids.len() > 8000 && rules[0].techniques.malformed.len() > 100_000);
    let default = format!("[default]\nsearch = {}\n[A]\n", "x".repeat(100_000));
    let error = read(&[Input::new("savedsearches.conf", default)]).unwrap_err();
    assert!(error.to_string().starts_with("savedsearches.conf:1: the stanza [default]"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&[Input::new("savedsearches.conf", bytes.clone())]);
        let _ = read(&[Input::new("a.json", bytes)]);
    }

    #[test]
    fn no_change_to_a_file_makes_it_panic(at in 0..CONF.len(), with in "[\\PC\n]{0,6}", cut in 0_usize..20) {
        let end = (at + cut).min(CONF.len());
        if let (Some(before), Some(after)) = (CONF.get(..at), CONF.get(end..)) {
            let _ = read(&[Input::new("savedsearches.conf", format!("{before}{with}{after}"))]);
        }
    }
}
