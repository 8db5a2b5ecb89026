//! Sigma: documents, actions, correlations, hostile YAML.

use proptest::prelude::*;

use super::*;
use crate::sources::link::link;

const RULE: &str = "title: A
id: 4f5b0e0c-0000-4000-8000-000000000001
status: test
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: '\\a.exe'
    condition: selection
tags:
    - attack.execution
    - attack.T1059.001
    - attack.t1078
    - cve.2021-1675
";

fn rules(text: &str) -> Vec<Rule> {
    let mut reading = read(&[Input::new("a.yml", text)]).unwrap();
    link(&mut reading);
    reading.rules
}

fn ids(rule: &Rule) -> Vec<String> {
    rule.techniques.ids.iter().map(ToString::to_string).collect()
}

fn error(text: &str) -> String {
    read(&[Input::new("a.yml", text)]).unwrap_err().to_string()
}

#[test]
fn a_rule_is_read() {
    let rules = rules(RULE);
    let [rule] = rules.as_slice() else { panic!("{rules:?}") };
    assert_eq!(rule.name, "A");
    assert_eq!(ids(rule), ["T1059.001", "T1078"]);
    assert_eq!(rule.sources, ["windows/process_creation/*"]);
    assert_eq!((rule.enabled, rule.silent), (Enabled::Unspecified, None));
    assert_eq!(rule.place.to_string(), "a.yml:1");
}

#[test]
fn status_and_hunting_tags_decide_what_counts() {
    let off = rules(&RULE.replace("status: test", "status: Deprecated"));
    assert_eq!(off[0].enabled, Enabled::No);
    let off = rules(&RULE.replace("status: test", "status: unsupported"));
    assert_eq!(off[0].enabled, Enabled::No);
    let hunting = rules(&RULE.replace("cve.2021-1675", "detection.threat-hunting"));
    assert_eq!(hunting[0].silent, Some(Silent::Hunting));
}

#[test]
fn tags_in_any_style() {
    for tags in
        ["attack.T1059_001, t1078", "[ATTACK.t1059.001, Attack.T1078]", "[t1059.001, mitre.attack.t1078]"]
    {
        let rule = &rules(&format!("title: A\ndetection: {{}}\nlogsource: {{}}\ntags: {tags}\n"))[0];
        assert_eq!(ids(rule), ["T1059.001", "T1078"], "{tags}");
    }
    let rule = &rules("title: A\ndetection: {}\ntags: [attack.t10591]\n")[0];
    assert_eq!(rule.techniques.malformed, ["t10591".to_owned()].into());
}

#[test]
fn global_documents_flow_into_those_that_follow() {
    let text = "action: global\ntitle: A\nstatus: deprecated\nlogsource: {product: windows}\ntags: [attack.t1003]\n---\n\
                logsource: {service: security}\ndetection: {}\n---\n\
                logsource: {category: process_creation}\ndetection: {}\nstatus: test\ntags: [attack.t1078]\n---\n\
                action: repeat\nlogsource: {product: linux}\n---\n\
                action: reset\n---\n\
                title: B\nlogsource: {product: aws}\ndetection: {}\n";
    let rules = rules(text);
    let said: Vec<_> =
        rules.iter().map(|rule| (rule.name.as_str(), rule.sources.join(" "), ids(rule).join(" "))).collect();
    assert_eq!(
        said,
        [
            ("A", "windows/*/security".into(), "T1003".into()),
            ("A", "windows/process_creation/*".into(), "T1003 T1078".into()),
            ("A", "linux/process_creation/*".into(), "T1003 T1078".into()),
            ("B", "aws/*/*".into(), String::new()),
        ]
    );
    assert!(!rules[0].enabled.is_running() && rules[1].enabled.is_running());
}

#[test]
fn a_correlation_alerts_instead_of_its_parts() {
    let base = RULE.replace("title: A", "title: A\nname: base");
    let correlation =
        "title: Many\ncorrelation:\n    type: event_count\n    rules: [base]\ntags: [attack.t1110]\n";
    let found = rules(&format!("{base}---\n{correlation}"));
    assert_eq!(found[0].silent, Some(Silent::PartOfCorrelation));
    assert_eq!(found[1].silent, None);
    assert_eq!(found[1].sources, ["windows/process_creation/*"]);
    let both = rules(&format!("{base}---\n{}", correlation.replace("rules:", "generate: true\n    rules:")));
    assert_eq!(both[0].silent, None);
}

#[test]
fn what_is_no_rule_is_counted_and_not_read() {
    let reading =
        read(&[Input::new("a.yml", format!("- a\n- b\n---\nname: pipeline\n---\n{RULE}---\njust text\n"))])
            .unwrap();
    assert_eq!((reading.rules.len(), reading.not_rules["not_a_rule"]), (1, 3));
    assert_eq!(reading.rules[0].place.line, Some(6));
    assert!(rules("").is_empty());
}

#[test]
fn hostile_yaml_ends_with_a_line() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (outer, inner) in ('b'..='k').zip('a'..) {
        bomb += &format!("{outer}: &{outer} [{}]\n", vec![format!("*{inner}"); 10].join(","));
    }
    assert!(error(&format!("title: A\ndetection: 1\n{bomb}tags: *k\n")).starts_with("a.yml:"));
    assert!(error(&"[".repeat(100_000)).starts_with("a.yml:1: "));
    assert!(
        error(&format!("tags: {}1{}", "{a: ".repeat(1000), "}".repeat(1000))).contains("nested too deeply")
    );
    assert!(error("title: A\ndetection: [\n").contains("not valid YAML"));
    assert!(error("title: 'secret\n").starts_with("a.yml:"));
    let global = format!("action: global\ntags: [{}]\n---\ndetection: 1\n", "attack.t1059, ".repeat(2000));
    assert!(error(&global).contains("16 KiB"));
    assert!(!error("title: secret\ntags: *secret\n").contains("secret"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&[Input::new("a.yml", bytes)]);
    }

    #[test]
    fn no_change_to_a_rule_makes_it_panic(at in 0..RULE.len(), with in "[\\PC\n]{0,6}", cut in 0_usize..20) {
        let end = (at + cut).min(RULE.len());
        if let (Some(before), Some(after)) = (RULE.get(..at), RULE.get(end..)) {
            let _ = read(&[Input::new("a.yml", format!("{before}{with}{after}"))]);
        }
    }
}
