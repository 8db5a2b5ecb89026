//! The reader on its own samples and on the real exports.

use super::*;

/// As Kibana exports: two rules, an exception, a connector, the count.
const EXPORT: &str = r#"{"rule_id": "a", "name": "Odd sign-in", "risk_score": 21, "severity": "low", "enabled": true, "index": ["filebeat-*", "logs-okta*"], "threat": [{"framework": "MITRE ATT&CK", "tactic": {"id": "TA0001"}, "technique": [{"id": "T1078", "subtechnique": [{"id": "T1078.004"}]}, {"id": "T1110"}]}, {"framework": "MITRE ATLAS", "technique": [{"id": "AML.T0051"}]}]}
{"rule_id": "b", "name": "Helper", "risk_score": 1, "severity": "low", "enabled": false, "building_block_type": "default", "tags": ["Data Source: Sysmon"], "threat": []}
{"_version": "x", "list_id": "l", "type": "detection", "item_id": "i", "entries": []}
{"id": "c", "type": "action", "attributes": {"actionTypeId": ".webhook"}}
{"exported_count": 4, "exported_rules_count": 2}
"#;

const TOML: &str = r#"[metadata]
integration = ["endpoint", "windows"]
maturity = "production"

[rule]
index = ["logs-*"]
name = "Shadow copies"
risk_score = 73
rule_id = "d"
type = "eql"
query = '''
process where process.name : "vssadmin.exe"
'''

[[rule.threat]]
framework = "MITRE ATT&CK"
[[rule.threat.technique]]
id = "T1490"
name = "Inhibit System Recovery"
[rule.threat.tactic]
id = "TA0040"
"#;

fn rules(name: &str, text: &str) -> Vec<Rule> {
    assert!((READER.recognises)(text), "{text}");
    read(&[Input::new(name, text)]).unwrap().rules
}

fn ids(rule: &Rule) -> Vec<String> {
    rule.techniques.ids.iter().map(ToString::to_string).collect()
}

#[test]
fn an_export_holds_more_than_rules() {
    let reading = read(&[Input::new("rules_export.ndjson", EXPORT)]).unwrap();
    let [first, second] = reading.rules.as_slice() else { panic!("{:?}", reading.rules) };
    assert_eq!((first.enabled, first.silent), (Enabled::Yes, None));
    assert_eq!(ids(first), ["T1078", "T1078.004", "T1110"]);
    assert_eq!(first.one_of, ["index:logs-okta*"]);
    assert_eq!((second.enabled, second.silent), (Enabled::No, Some(Silent::BuildingBlock)));
    assert_eq!(second.place.to_string(), "rules_export.ndjson:2");
    assert_eq!(reading.not_rules, [("exception_or_connector", 2)].into());
}

#[test]
fn answers_of_the_api_say_the_same() {
    let lines: Vec<&str> = EXPORT.lines().take(2).collect();
    let answer = format!("{{\"page\": 1, \"total\": 2, \"data\": [{}]}}", lines.join(","));
    assert_eq!(rules("find.json", &answer).len(), 2);
    assert_eq!(rules("list.json", &format!("[\n{}]", lines.join(","))).len(), 2);
}

#[test]
fn toml_says_the_maturity_instead_of_enabled() {
    let [rule] = rules("r.toml", TOML).try_into().unwrap();
    assert_eq!((rule.enabled, ids(&rule)), (Enabled::Unspecified, vec!["T1490".to_owned()]));
    assert_eq!(rule.one_of, ["integration:endpoint", "integration:windows"]);
    assert_eq!(rule.place.to_string(), "r.toml:5");
    let old = TOML.replace("production", "deprecated");
    assert_eq!(rules("r.toml", &old)[0].enabled, Enabled::No);
    let error = read(&[Input::new("r.toml", TOML.replace("id = \"TA0040\"", "id = secret"))]).unwrap_err();
    assert_eq!(error.to_string(), "r.toml:21: is not valid TOML from here on.");
}

#[test]
fn the_most_telling_names_count() {
    let named = |members: &str| {
        let text = format!("{{\"rule_id\": \"a\", \"risk_score\": 1, {members}}}");
        rules("a.json", &text)[0].one_of.clone()
    };
    for (members, expected) in [
        (
            r#""index": ["remote:winlogbeat-*", "logs-*", "acme-logs"], "tags": ["Data Source: X"]"#,
            vec!["index:winlogbeat-*"],
        ),
        (
            r#""index": ["logs-*"], "related_integrations": [{"package": "aws", "integration": "cloudtrail"}]"#,
            vec!["integration:aws.cloudtrail"],
        ),
        (
            r#""index": ["filebeat-*"], "query": "event.dataset : (\"okta.system\" or \"o365.audit\") and x:y""#,
            vec!["dataset:okta.system", "dataset:o365.audit"],
        ),
        (r#""query": "any where event.module == \"okta\"""#, vec!["dataset:okta"]),
        (r#""index": ["acme"], "tags": ["Data Source: Okta", "Domain: Identity"]"#, vec!["tag:Okta"]),
        (r#""index": ["acme-firewall"]"#, vec!["index:acme-firewall"]),
        (
            r#""language": "esql", "query": "FROM logs-aws.cloudtrail-*, logs-okta* metadata _id\n| where a""#,
            vec!["index:logs-aws.cloudtrail-*", "index:logs-okta*"],
        ),
        (r#""index": ["logs-*"]"#, vec![]),
    ] {
        assert_eq!(named(members), expected, "{members}");
    }
}
