//! Nothing but what the schema allows gets into a snapshot: a canary is planted into every text of a sample, one at a
//! time and all at once, and looked for in the bytes.

use std::sync::Arc;

use peerbench::{
    domain::{
        scale::Scale,
        snapshot::{Basis, Source},
    },
    sources::{Input, Options, reader},
};
use serde_json::{Value, json};

use super::{built, options};

const CANARY: &str = "zqcanaryqz";

/// The snapshot's bytes, and what an error would say.
fn said(source: Source, name: &str, text: &str) -> (String, String) {
    let read = (reader(source).unwrap().read)(&[Input::new(name, text)]);
    let mut reading = match read {
        Ok(reading) => reading,
        Err(error) => return (String::new(), error.reason),
    };
    // Names, ids and places are the user's own; they must not matter.
    for rule in &mut reading.rules {
        rule.name = CANARY.to_owned();
        rule.id = Some(CANARY.to_owned());
        rule.place.file = Arc::from(CANARY);
    }
    let options = match source {
        Source::Navigator => Options {
            scale: Some(Scale::RuleCount),
            technologies: vec!["microsoft.windows".to_owned()],
            ..options(source, Basis::Deployed)
        },
        _ => options(source, Basis::Catalog),
    };
    let bytes = serde_json::to_string(&built(&reading, &options).snapshot).unwrap();
    (bytes, String::new())
}

fn assert_clean(source: Source, name: &str, text: &str) {
    assert!(text.contains(CANARY), "the canary was not planted");
    let (bytes, error) = said(source, name, text);
    assert!(!bytes.to_lowercase().contains(CANARY), "{source}: {bytes}");
    assert!(!error.to_lowercase().contains(CANARY), "{source}: {error}");
}

/// Calls `with` with one version of `value` for each text in it, the text (and each name of a member) replaced or
/// continued by the canary.
fn each_planted(value: &Value, with: &mut dyn FnMut(Value)) {
    match value {
        Value::String(text) => {
            with(json!(CANARY));
            with(json!(format!("{text} {CANARY}")));
            with(json!(format!("{CANARY}-{text}")));
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                each_planted(item, &mut |planted| {
                    let mut items = items.clone();
                    items[position] = planted;
                    with(json!(items));
                });
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                let mut renamed = members.clone();
                let inner = renamed.remove(key).unwrap();
                renamed.insert(format!("{key}{CANARY}"), inner);
                with(json!(renamed));
                each_planted(item, &mut |planted| {
                    let mut members = members.clone();
                    members.insert(key.clone(), planted);
                    with(json!(members));
                });
            }
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => with(json!(CANARY)),
    }
}

fn plant_everywhere(source: Source, name: &str, sample: &Value, text: impl Fn(&Value) -> String) {
    let mut planted = 0;
    each_planted(sample, &mut |value| {
        planted += 1;
        assert_clean(source, name, &text(&value));
    });
    assert!(planted > 30, "{source}: {planted}");
}

#[test]
fn sigma() {
    let sample = json!({
        "title": "Suspicious Service", "id": "0d5a1b52-8a1f-4f0e-9a51-000000000001", "status": "test",
        "name": "service", "author": "A. Person", "date": "2026-01-02", "references": ["https://intern.example/x"],
        "description": "On our jump host", "level": "high", "falsepositives": ["Backup by svc_backup"],
        "tags": ["attack.execution", "attack.t1059.001", "cve.2026-1", "tlp.red"],
        "logsource": {"product": "windows", "category": "process_creation", "service": "security", "definition": "d"},
        "detection": {"selection": {"Image|endswith": "\\secret.exe", "User": ["CORP\\svc"]}, "condition": "selection"},
        "fields": ["CommandLine"], "custom": {"tenant": "acme"}
    });
    // JSON is YAML.
    plant_everywhere(Source::Sigma, "rule.yml", &sample, Value::to_string);
}

#[test]
fn splunk_rest() {
    let annotations = json!({"mitre_attack": ["T1059.001"], "context": ["Source:Endpoint"], "type": "TTP",
        "data_source": ["Sysmon EventID 1"]});
    let sample = json!({"origin": "https://search.intern.example:8089", "entry": [{
        "name": "Access - Service", "id": "https://search.intern.example/x", "author": "person",
        "acl": {"app": "corp_app", "owner": "person"},
        "content": {
            "action.correlationsearch.annotations": annotations.to_string(),
            "action.correlationsearch.label": "Access", "action.notable": "1",
            "action.notable.param.rule_title": "Access to $user$", "action.email.to": "soc@intern.example",
            "description": "d", "disabled": false, "is_scheduled": true, "cron_schedule": "0 * * * *",
            "search": "`sysmon` index=corp sourcetype=\"XmlWinEventLog\" host=dc01 | lookup vip user | where x=1"
        }
    }]});
    plant_everywhere(Source::Splunk, "saved.json", &sample, Value::to_string);
}

#[test]
fn splunk_conf() {
    let lines = [
        "# by A. Person",
        "[Access - Service - Rule]",
        "action.correlationsearch.annotations = {\"mitre_attack\": [\"T1059.001\"], \"owner\": \"x\"}",
        "action.notable = 1",
        "disabled = 0",
        "enableSched = 1",
        "search = `sysmon` index=corp sourcetype=XmlWinEventLog host=dc01 \\",
        "| lookup vip user",
    ];
    for (position, line) in lines.iter().enumerate() {
        for (at, _) in line.char_indices() {
            let (before, after) = line.split_at(at);
            let mut planted = lines.map(str::to_owned);
            planted[position] = format!("{before}{CANARY}{after}");
            assert_clean(Source::Splunk, "savedsearches.conf", &planted.join("\n"));
        }
    }
}

#[test]
fn navigator() {
    let sample = json!({
        "name": "Coverage of ACME", "description": "by A. Person", "domain": "enterprise-attack",
        "versions": {"layer": "4.5", "attack": "18", "navigator": "5.0"},
        "metadata": [{"name": "tenant", "value": "acme"}], "legendItems": [{"label": "ours", "color": "#fff"}],
        "techniques": [
            {"techniqueID": "T1059.001", "tactic": "execution", "score": 2, "comment": "rule X on host dc01",
             "metadata": [{"name": "rule", "value": "X"}], "links": [{"label": "l", "url": "https://intern.example"}]},
            {"techniqueID": "T1078", "score": 1, "enabled": true}
        ]
    });
    plant_everywhere(Source::Navigator, "layer.json", &sample, Value::to_string);
}
