//! The reader on its own samples and on the real exports.

use super::*;
use crate::sources::reading::Enabled;

const PORTAL: &str = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "resources": [
  {"id": "[concat(resourceId('Microsoft.OperationalInsights/workspaces/providers', parameters('workspace'), 'Microsoft.SecurityInsights'),'/alertRules/0a0a0a0a-0000-4000-8000-000000000001')]",
   "name": "[concat(parameters('workspace'),'/Microsoft.SecurityInsights/0a0a0a0a-0000-4000-8000-000000000001')]",
   "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules", "kind": "Scheduled",
   "properties": {"displayName": "Odd sign-in", "enabled": true, "query": "SigninLogs | where a", "techniques": ["T1078"], "subTechniques": ["T1078.004"]}},
  {"id": "[concat('/alertRules/BuiltInFusion')]", "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules", "kind": "Fusion",
   "properties": {"enabled": true, "alertRuleTemplateName": "F71ABA3D-28fb-450b-b192-4e76a83015c8"}},
  {"type": "Microsoft.OperationalInsights/workspaces/providers/automationRules", "kind": "x", "properties": {}}
]}"#;

const YAML: &str = r#"id: 0a0a0a0a-0000-4000-8000-000000000002
name: Log cleared
kind: Scheduled
severity: Medium
requiredDataConnectors:
  - connectorId: SecurityEvents
    dataTypes: [SecurityEvent]
triggerOperator: gt
relevantTechniques:
  - T1070.001
query: |
  union isfuzzy=true (SecurityEvent | where EventID == 1102), (WindowsEvent | where EventID == 1102)
"#;

fn rules(text: &str) -> Vec<Rule> {
    assert!((READER.recognises)(text), "{text}");
    (READER.read)(&[Input::new("r", text)]).unwrap().rules
}

fn ids(rule: &Rule) -> Vec<String> {
    rule.techniques.ids.iter().map(ToString::to_string).collect()
}

#[test]
fn the_portals_export() {
    let reading = (READER.read)(&[Input::new("r", PORTAL)]).unwrap();
    let [scheduled, fusion] = reading.rules.as_slice() else { panic!("{:?}", reading.rules) };
    assert_eq!(
        (scheduled.name.as_str(), scheduled.enabled, scheduled.silent),
        ("Odd sign-in", Enabled::Yes, None)
    );
    assert_eq!(scheduled.id.as_deref(), Some("0a0a0a0a-0000-4000-8000-000000000001"));
    assert_eq!(ids(scheduled), ["T1078", "T1078.004"]);
    assert_eq!(scheduled.sources, ["table:SigninLogs"]);
    assert_eq!(fusion.silent, Some(Silent::PassThrough));
    assert_eq!(fusion.template.as_deref(), Some("f71aba3d-28fb-450b-b192-4e76a83015c8"));
    assert_eq!(reading.not_rules, [("not_a_rule", 1)].into());
}

#[test]
fn lists_of_the_interface_and_of_the_command_line() {
    let id = "/subscriptions/s/providers/Microsoft.SecurityInsights/alertRules/0a0a0a0a-0000-4000-8000-000000000001";
    let properties = r#""displayName": "A", "enabled": false, "techniques": ["T1110"]"#;
    for text in [
        format!(r#"{{"value": [{{"id": "{id}", "kind": "NRT", "properties": {{{properties}}}}}]}}"#),
        format!(r#"[{{"id": "{id}", "kind": "NRT", {properties}}}]"#),
    ] {
        let [rule] = rules(&text).try_into().unwrap();
        assert_eq!((rule.name.as_str(), rule.enabled, rule.silent), ("A", Enabled::No, None));
        assert_eq!(ids(&rule), ["T1110"]);
    }
}

#[test]
fn yaml_of_rules_and_of_hunting_queries() {
    let [rule] = rules(YAML).try_into().unwrap();
    assert_eq!((rule.name.as_str(), rule.enabled, rule.silent), ("Log cleared", Enabled::Unspecified, None));
    assert_eq!((ids(&rule), rule.place.line), (vec!["T1070.001".to_owned()], Some(1)));
    assert!(rule.sources.is_empty());
    assert_eq!(rule.one_of, ["table:SecurityEvent", "table:WindowsEvent", "connector:SecurityEvents"]);
    let hunting = YAML.replace("kind: Scheduled\nseverity: Medium\n", "");
    assert_eq!(rules(&hunting)[0].silent, Some(Silent::Hunting));
}

#[test]
fn templates_give_techniques_to_rules_without() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.yaml"), YAML).unwrap();
    std::fs::write(folder.path().join("other.json"), "{}").unwrap();
    std::fs::write(
        folder.path().join("list.csv"),
        "template_id,techniques\n0A0A0A0A-0000-4000-8000-000000000003,T1059|T1078.004\n",
    )
    .unwrap();
    let templates = templates::load(&[folder.path().to_owned()]).unwrap();
    let with = |number: u8, techniques: &str| {
        let template = format!("0a0a0a0a-0000-4000-8000-00000000000{number}");
        PORTAL
            .replace(
                "\"enabled\": true, \"query\"",
                &format!("\"alertRuleTemplateName\": \"{template}\", \"query\""),
            )
            .replace("[\"T1078\"], \"subTechniques\": [\"T1078.004\"]", techniques)
    };
    for (number, techniques, expected) in [
        (2, "[]", vec!["T1070.001"]),
        (3, "null", vec!["T1059", "T1078.004"]),
        (3, "[\"T1003\"]", vec!["T1003"]),
        (4, "[]", vec![]),
    ] {
        let mut reading = (READER.read)(&[Input::new("r", with(number, techniques))]).unwrap();
        let recovered = templates.recover(&mut reading);
        assert_eq!(ids(&reading.rules[0]), expected);
        assert_eq!(recovered, usize::from(!expected.is_empty() && expected != ["T1003"]));
    }
}
