//! Equal events in every form, protections, and tables.

use proptest::prelude::*;

use super::*;
use crate::sources::{
    cve,
    reading::{Enabled, Scored},
};

fn read_text(name: &str, text: &str) -> Reading {
    assert!((READER.recognises)(text), "{name} is not recognised");
    read(&[Input::new(name, text)]).unwrap()
}

/// `techniques outcome product` of every entry.
fn entries(reading: &Reading) -> Vec<String> {
    let said = |scored: &Scored| {
        let ids = scored.techniques.ids.iter().map(ToString::to_string);
        let all: Vec<String> = ids.chain(scored.techniques.names.iter().cloned()).collect();
        format!("{} {} {}", all.join("+"), scored.score.unwrap_or(-1.0), scored.sources.join("+"))
    };
    reading.scores.iter().map(said).collect()
}

const JSON: &str = r#"{"time":"1","action":"Prevent","product":"Threat Emulation","mitre_execution":"T1204.002, PowerShell","mitre_initial_access":"Phishing"}
{"action":"Detect","product":"SmartDefense","mitre_initial_access":["Exploit Public-Facing Application (T1190)"],"src":"10.0.0.1"}
{"action":"Accept","product":"VPN-1 & FireWall-1","loguid":"x"}
{"action":"Accept","mitre_discovery":"T1046","mitre_tactics":"Discovery"}
"#;

const CEF: &str = "<134>Jan 2 host CEF:0|Check Point|Threat Emulation|Check Point|Log|a\\|b|Very-High|act=Prevent src=10.0.0.1 \
mitre_execution=T1204.002, PowerShell mitre_initial_access=Phishing msg=a \\= b\n\
0|Check Point|SmartDefense|Check Point|IPS|x|High|act=Detect mitre_initial_access=Exploit Public-Facing Application (T1190) \n\
dst=10.0.0.2 product=SmartDefense\n\
CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Log|x|Unknown|act=Accept rt=1\n\
CEF:0|Check Point||Check Point|Log|x|Unknown|act=Accept mitre_discovery=T1046";

const SYSLOG: &str = r#"<134>1 2026-01-02T00:00:00Z gw CheckPoint 1 - [action:"Prevent"; product:"Threat Emulation"; mitre_execution:"T1204.002, PowerShell"; mitre_initial_access:"Phishing"; ]
syslog[action:"Detect"; tag:"a=\"b\"[c\]"; product:"SmartDefense"; mitre_initial_access:"Exploit Public-Facing Application (T1190)"; ]
[action:"Accept"; product:"VPN-1 & FireWall-1"; loguid:"x"; ]
[action:"Accept"; mitre_discovery:"T1046"; ]
"#;

const TABLE: &str = "Time,Blade,Action,MITRE Execution,MITRE Initial Access,Mitre Discovery\n\
1,Threat Emulation,Prevent,\"T1204.002, PowerShell\",Phishing,\n\
2,SmartDefense,Detect,,Exploit Public-Facing Application (T1190),\n\
3,VPN-1 & FireWall-1,Accept,,,\n\
4,,Accept,,,T1046\n";

#[test]
fn every_form_of_a_log_says_the_same() {
    let lists = format!("{{\"logs\": [{}]}}", JSON.trim().replace('\n', ","));
    for (name, text) in
        [("l.json", JSON), ("list.json", lists.as_str()), ("l.cef", CEF), ("l.log", SYSLOG), ("l.csv", TABLE)]
    {
        let reading = read_text(name, text);
        assert_eq!(
            entries(&reading),
            [
                "T1204.002+Phishing+PowerShell 3 blade:Threat Emulation",
                "T1190 2 blade:SmartDefense",
                "T1046 1 blade:(none)",
            ],
            "{name}"
        );
        assert_eq!(reading.not_rules["log_without_technique"], 1, "{name}");
    }
}

#[test]
fn other_products_with_a_word_of_mitre_are_not_taken_for_logs() {
    let cortex = r#"[{"name": "x", "mitre_defs": {"TA0002 - Execution": ["T1059"]}, "action": "ALERTS", "product": "x"}]"#;
    assert!(!(READER.recognises)(cortex));
}

#[test]
fn protections_run_if_a_profile_says_so_and_name_their_cves() {
    let protection = |name: &str, action: &str| {
        format!(
            r#"{{"name": "{name}", "type": "threat-protection", "uid": "u", "industry-reference": ["CVE-2021-45046"],
                "profiles": [{{"name": "A", "final": {{"action": "Inactive"}}}}, {{"final": {{"action": "{action}"}}}}]}}"#
        )
    };
    let list = [
        protection("Log4j (CVE-2021-44228)", "Prevent"),
        protection("b", "detect"),
        protection("c", "Inactive"),
    ];
    let reading = read_text("p.json", &format!(r#"{{"protections": [{}], "total": 3}}"#, list.join(",")));
    let enabled: Vec<Enabled> = reading.rules.iter().map(|rule| rule.enabled).collect();
    assert_eq!(enabled, [Enabled::Yes, Enabled::Yes, Enabled::No]);
    assert!(cve::are_named(&reading));
    let named: Vec<&String> = reading.rules[0].techniques.names.iter().collect();
    assert_eq!(named, ["CVE-2021-44228", "CVE-2021-45046"]);
    let blind = r#"{"protections": [{"name": "a", "type": "threat-protection"}], "profiles": 0}"#;
    let error = read(&[Input::new("p.json", blind)]).unwrap_err().to_string();
    assert!(error.contains("show-profiles"), "{error}");
}

#[test]
fn a_table_of_ones_own_is_read_as_rules() {
    let text = "Blade;Technique;Action\nAnti-Bot;T1071, T1568.002;Prevent\nIPS;T1190;Inactive\nHarmony Email;T1566;\n";
    let reading = read_text("own.csv", text);
    let said: Vec<(usize, Enabled, &str)> =
        reading.rules.iter().map(|r| (r.techniques.ids.len(), r.enabled, r.sources[0].as_str())).collect();
    assert_eq!(
        said,
        [
            (2, Enabled::Yes, "blade:Anti-Bot"),
            (1, Enabled::No, "blade:IPS"),
            (1, Enabled::Unspecified, "blade:Harmony Email")
        ]
    );
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(text in "(\\[|\\]|action|mitre_x|:\"|\"|=|\\\\|\\||Check Point|CEF:0|; | |\n|é|\\PC){0,40}") {
        lines::events(&text, |_, _| {});
    }
}
