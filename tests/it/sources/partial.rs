//! Exports as people have them: a page of a list, the same file twice, old consoles, the forms of other tools. Every input
//! is made here, and goes through the real command.

use std::{
    fs,
    process::{Command, Output},
};

use serde_json::{Value, json};

/// What a build answers.
struct Answer {
    output: Output,
    folder: tempfile::TempDir,
}

impl Answer {
    fn said(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    fn told(&self) -> Value {
        serde_json::from_str(&self.said()).unwrap_or_else(|_| panic!("{}", self.said()))
    }

    /// `technique@technology value` of every cell.
    fn cells(&self) -> Vec<String> {
        let text =
            fs::read(self.folder.path().join("out.json")).unwrap_or_else(|_| panic!("{}", self.said()));
        let snapshot: Value = serde_json::from_slice(&text).unwrap();
        let cells = snapshot["cells"].as_array().unwrap().iter();
        let value = |cell: &Value| cell.get("value").map_or("?".to_owned(), |value| value.to_string());
        let word = |cell: &Value, key: &str| cell[key].as_str().unwrap().to_owned();
        cells
            .map(|cell| format!("{}@{} {}", word(cell, "technique"), word(cell, "technology"), value(cell)))
            .collect()
    }

    #[track_caller]
    fn refused(&self, words: &[&str]) {
        assert!(!self.output.status.success(), "{:?}", self.cells());
        let said = self.said();
        words.iter().for_each(|word| assert!(said.contains(word), "{word}: {said}"));
        assert!(!self.folder.path().join("out.json").exists());
    }
}

/// Builds from files of a new folder; an argument that is the name of one stands for its path, `.` for the folder.
fn build(files: &[(&str, &[u8])], arguments: &[&str]) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    for (name, bytes) in files {
        let path = input.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let arguments = arguments.iter().map(|argument| match *argument {
        "." => input.clone().into_os_string(),
        name if files.iter().any(|(file, _)| *file == name) => input.join(name).into_os_string(),
        other => other.into(),
    });
    let output = Command::new(env!("CARGO_BIN_EXE_peerbench"))
        .current_dir(folder.path())
        .args(["snapshot", "build", "-o", "out.json", "--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    Answer { output, folder }
}

/// A rule of Sentinel as its interface lists it.
fn sentinel(guid: u32, name: &str, techniques: &[&str], enabled: bool) -> Value {
    let id = format!("{guid:08}-aaaa-4bbb-8ccc-000000000000");
    json!({"id": format!("/x/alertRules/{id}"), "name": id, "type": "Microsoft.SecurityInsights/alertRules",
        "kind": "Scheduled", "properties": {"displayName": name, "enabled": enabled, "severity": "Low",
        "queryFrequency": "PT1H", "triggerOperator": "GreaterThan", "query": "SigninLogs | take 1",
        "techniques": techniques}})
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn a_list_that_goes_on_makes_nothing_complete() {
    let rule = sentinel(1, "a", &["T1110"], true);
    let first = bytes(&json!({"value": [rule], "nextLink": "https://example.test/?skip=1"}));
    let last = bytes(&json!({"value": [sentinel(2, "b", &["T1078"], true)]}));
    let one = build(&[("1.json", &first)], &["1.json"]);
    assert_eq!(one.told()["complete"], json!([]));
    assert!(
        one.told()["partial"][0].as_str().unwrap().contains("1.json: the list has more pages"),
        "{}",
        one.said()
    );
    let declared = build(&[("1.json", &first)], &["1.json", "--complete", "microsoft.entra-id"]);
    assert_eq!(declared.told()["complete"], json!(["microsoft.entra-id"]), "the user says so");
    let both = build(&[("1.json", &first), ("2.json", &last)], &["."]);
    assert_eq!(
        (&both.told()["complete"], &both.told()["partial"]),
        (&json!(["microsoft.entra-id"]), &json!([]))
    );

    // Some interfaces end with a page that has no rule in it.
    for empty in [&b"{\"value\": []}"[..], b"{\"value\": [], \"nextLink\": null}", b"[]"] {
        for paths in [&["1.json", "2.json"][..], &["."]] {
            let ended = build(&[("1.json", &first), ("2.json", empty)], paths);
            assert_eq!(ended.told()["complete"], json!(["microsoft.entra-id"]), "{}", ended.said());
        }
        build(&[("2.json", empty)], &["2.json"]).refused(&["2.json is a list without an item"]);
    }

    let sumo = json!({"data": {"objects": [{"id": "MATCH-U9", "name": "a", "enabled": true, "isPrototype": false,
        "ruleType": "match", "expression": "metadata_vendor = 'Okta' AND metadata_product = 'Single Sign-On'",
        "tags": ["_mitreAttackTechnique:T1098"]}], "total": 12, "hasNextPage": true}});
    let cortex = json!({"reply": {"objects_count": 9, "objects_type": "bioc", "objects": [{"rule_id": 1, "name": "a",
        "status": "ENABLED", "is_xql": true, "indicator": "dataset = okta_sso_raw",
        "mitre_technique_id_and_name": ["T1078 - Valid Accounts"]}]}});
    let splunk = json!({"paging": {"total": 40, "perPage": 30, "offset": 0}, "entry": [{"name": "a", "content": {
        "disabled": false, "is_scheduled": true, "actions": "notable", "search": "sourcetype=aws:cloudtrail x",
        "action.correlationsearch.annotations": "{\"mitre_attack\": [\"T1530\"]}"}}]});
    let kibana = |more: &str| {
        let rule = json!({"rule_id": "r1", "risk_score": 1, "name": "a", "enabled": true, "index": ["logs-okta*"],
            "threat": [{"framework": "MITRE ATT&CK", "technique": [{"id": "T1110"}]}]});
        format!("{rule}\n{more}\n").into_bytes()
    };
    let missing =
        kibana(r#"{"exported_count": 1, "exported_rules_count": 1, "missing_rules": [{"rule_id": "r2"}]}"#);
    let fewer = kibana(r#"{"exported_count": 3, "exported_rules_count": 3, "missing_rules": []}"#);
    let found = bytes(&json!({"page": 1, "perPage": 20, "total": 60, "data": [
        {"rule_id": "r1", "risk_score": 1, "name": "a", "enabled": true, "index": ["logs-okta*"],
        "threat": [{"framework": "MITRE ATT&CK", "technique": [{"id": "T1110"}]}]}]}));
    for (name, file, said) in [
        ("sumo.json", bytes(&sumo), "1 of 12 items"),
        ("cortex.json", bytes(&cortex), "1 of 9 items"),
        ("splunk.json", bytes(&splunk), "1 of 40 items"),
        ("missing.ndjson", missing, "1 rule is missing"),
        ("fewer.ndjson", fewer, "2 rules are missing"),
        ("found.json", found, "1 of 60 items"),
    ] {
        let answer = build(&[(name, &file)], &[name]);
        assert_eq!(answer.told()["complete"], json!([]), "{name}");
        let partial = answer.told()["partial"].to_string();
        assert!(partial.contains(name) && partial.contains(said), "{name}: {partial}");
    }
}

#[test]
fn a_file_that_failed_makes_nothing_complete() {
    let good = bytes(&json!({"value": [sentinel(1, "a", &["T1110"], true)]}));
    let answer = build(&[("a.json", &good), ("b.json", &good[..60])], &["--keep-going", "."]);
    assert_eq!(answer.cells(), ["T1110@microsoft.entra-id 1"]);
    assert_eq!(answer.told()["complete"], json!([]));
}

#[test]
fn rules_without_any_technique_are_no_snapshot_of_zeros() {
    let old = bytes(&json!({"value": [sentinel(1, "a", &[], true), sentinel(2, "b", &[], true)]}));
    let answer = build(&[("a.json", &old)], &["a.json"]);
    answer.refused(&["none of the 2 rules names a technique", "api-version", "--templates", "--tags"]);
    assert_eq!((&answer.told()["rules"], &answer.told()["with_technique"]), (&json!(2), &json!(0)));
    build(&[("a.json", &old)], &["a.json", "--complete", "microsoft.entra-id"]).refused(&["--templates"]);
    let sigma = b"title: a\nlogsource: {product: windows}\ndetection: {}\n";
    build(&[("a.yml", sigma)], &["."]).refused(&["the rule names no technique", "--tags"]);
    // Rules that are off say something if their owner does.
    let off = bytes(&json!({"value": [sentinel(1, "a", &["T1110"], false)]}));
    build(&[("a.json", &off)], &["a.json"]).refused(&["none of the enabled rules"]);
    let declared = ["a.json", "--technology", "microsoft.entra-id", "--complete", "microsoft.entra-id"];
    assert!(build(&[("a.json", &off)], &declared).cells().is_empty());
}

#[test]
fn the_same_rule_counts_once_over_files_and_forms() {
    let page =
        bytes(&json!({"value": [sentinel(1, "a", &["T1110"], true), sentinel(2, "b", &["T1110"], true)]}));
    let arm = bytes(&json!({"resources": [sentinel(1, "a", &["T1110"], true)]}));
    let answer = build(&[("a.json", &page), ("a (1).json", &page), ("arm.json", &arm)], &["."]);
    assert_eq!(answer.cells(), ["T1110@microsoft.entra-id 2"]);
    assert_eq!(
        (&answer.told()["rules"], &answer.told()["left_out"]["rules_repeated"]),
        (&json!(5), &json!(3))
    );
    assert_eq!(answer.told()["repeats_differing"], json!([]));

    let rest = |app: &str, disabled: bool| {
        bytes(&json!({"entry": [{"name": "a", "acl": {"app": app}, "content": {"disabled": disabled,
            "is_scheduled": true, "actions": "email", "search": "sourcetype=aws:cloudtrail x",
            "action.correlationsearch.annotations": "{\"mitre_attack\": [\"T1530\"]}"}}]}))
    };
    let files =
        [("1.json", &rest("x", false)[..]), ("2.json", &rest("y", false)), ("3.json", &rest("x", true))];
    let answer = build(&files, &["."]);
    assert_eq!(answer.cells(), ["T1530@aws.cloudtrail 2"]);
    let differing = &answer.told()["repeats_differing"][0];
    assert!(differing["counted"]["file"].as_str().unwrap().ends_with("1.json"), "{differing}");

    let conf: &[u8] = b"[a]\nenableSched = 1\nactions = email\nsearch = sourcetype=aws:cloudtrail x\n\
        action.correlationsearch.annotations = {\"mitre_attack\": [\"T1530\"]}\n";
    let answer = build(&[("x/local/savedsearches.conf", conf), ("1.json", &rest("x", false))], &["."]);
    assert_eq!(answer.cells(), ["T1530@aws.cloudtrail 1"], "{}", answer.said());
}

#[test]
fn forms_of_splunk() {
    let header =
        "title,disabled,is_scheduled,actions,action.correlationsearch.annotations,search,eai:acl.app\n";
    let row = |title: &str, disabled: u8, technique: &str| {
        format!(
            "\"{title}\",{disabled},1,email,\"{{\"\"mitre_attack\"\": [\"\"{technique}\"\"]}}\",sourcetype=aws:cloudtrail,x\n"
        )
    };
    let csv = format!("{header}{}{}", row("a", 0, "T1530"), row("b", 1, "T1078"));
    let excel = format!(
        "\u{feff}{}",
        csv.replace(",1,email,", ";1;email;")
            .replace(
                "title,disabled,is_scheduled,actions,action.correlationsearch.annotations,search,eai:acl.app",
                "title;disabled;is_scheduled;actions;action.correlationsearch.annotations;search;eai:acl.app"
            )
            .replace("\"a\",0", "\"a\";0")
            .replace("\"b\",1", "\"b\";1")
            .replace("\",sourcetype=aws:cloudtrail,x", "\";sourcetype=aws:cloudtrail;x")
    );
    let debug = "/opt/splunk/etc/apps/x/local/savedsearches.conf   [a]\n\
        /opt/splunk/etc/apps/x/default/savedsearches.conf action.correlationsearch.annotations = {\"mitre_attack\": [\"T1530\"]}\n\
        C:\\Program Files\\Splunk\\etc\\system\\default\\savedsearches.conf actions = email\n\
        /opt/splunk/etc/apps/x/local/savedsearches.conf enableSched = 1\n\
        /opt/splunk/etc/apps/x/local/savedsearches.conf search = index=main \\\n| search sourcetype=aws:cloudtrail\n";
    for (name, text) in [("rows.csv", csv.as_str()), ("excel.csv", &excel), ("savedsearches.conf", debug)] {
        for arguments in [vec![name], vec!["."], vec!["--from", "splunk", name]] {
            let answer = build(&[(name, text.as_bytes())], &arguments);
            assert_eq!(answer.cells(), ["T1530@aws.cloudtrail 1"], "{name} {arguments:?}: {}", answer.said());
        }
    }
    let atom = b"<?xml version=\"1.0\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry/></feed>";
    for (name, arguments) in
        [("a.xml", vec!["a.xml"]), ("a.json", vec!["."]), ("a.json", vec!["--from", "splunk", "a.json"])]
    {
        build(&[(name, atom)], &arguments).refused(&[name, "output_mode=json"]);
    }
    let login = br#"{"messages": [{"type": "WARN", "text": "call not properly authenticated"}]}"#;
    build(&[("a.json", login)], &["."]).refused(&["a.json", "is an API error"]);
    build(&[("a.json", login)], &["--from", "splunk", "a.json"]).refused(&["is an API error"]);
    build(&[("a.json", b"<!doctype html><html></html>")], &["a.json"]).refused(&["a web page", "sign in"]);
    build(&[("a.json", b"<!doctype html><html></html>")], &["--from", "sentinel", "a.json"])
        .refused(&["a web page"]);
}

#[test]
fn a_search_that_only_scores_is_no_alert_in_any_form() {
    let rest = bytes(&json!({"entry": [{"name": "a", "content": {"disabled": false, "is_scheduled": true,
        "actions": "risk", "action.risk": "1", "action.notable": "0", "action.correlationsearch.enabled": "1",
        "search": "sourcetype=aws:cloudtrail x",
        "action.correlationsearch.annotations": "{\"mitre_attack\": [\"T1530\"]}"}}]}));
    let conf: &[u8] =
        b"[a]\nenableSched = 1\naction.risk = 1\naction.correlationsearch.enabled = 1\nsearch = x\n\
        action.correlationsearch.annotations = {\"mitre_attack\": [\"T1530\"]}\n";
    let yaml: &[u8] = b"name: a\nid: 1\ntype: Anomaly\nsearch: x\ntags:\n  mitre_attack_id: [T1530]\n";
    for (name, text) in [("a.json", &rest[..]), ("savedsearches.conf", conf), ("a.yml", yaml)] {
        let answer = build(&[(name, text)], &[name]);
        assert_eq!(answer.told()["left_out"], json!({"rules_risk_only": 1}), "{name}: {}", answer.said());
    }
}

#[test]
fn forms_of_sentinel() {
    let wrapped = sentinel(1, "a", &["T1110"], true);
    let flat = {
        let mut flat = wrapped["properties"].clone();
        for key in ["id", "name", "type", "kind"] {
            flat[key] = wrapped[key].clone();
        }
        flat
    };
    let pascal = {
        let name = |key: &String| key[..1].to_uppercase() + &key[1..];
        let members = flat.as_object().unwrap().iter().map(|(key, value)| (name(key), value.clone()));
        let mut pascal = Value::Object(members.collect());
        pascal["Technique"] = pascal.as_object_mut().unwrap().remove("Techniques").unwrap();
        pascal
    };
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(json!([pascal]).to_string().encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let module = {
        let mut module = wrapped["properties"].clone();
        module["name"] = json!("x");
        module.as_object_mut().unwrap().remove("name");
        module
    };
    let deployment = json!({"type": "Microsoft.Resources/deployments", "properties": {"template": {
        "resources": {"x": wrapped}}}});
    for (name, text) in [
        ("symbolic.json", bytes(&json!({"languageVersion": "2.0", "resources": {"x": wrapped}}))),
        ("nested.json", bytes(&json!({"resources": [deployment]}))),
        ("flat.json", bytes(&json!([flat]))),
        ("one.json", bytes(&pascal)),
        ("powershell.json", utf16),
        ("kinds.json", bytes(&json!({"Scheduled": [module], "Fusion": []}))),
        ("module.json", bytes(&json!({"analytics": [module]}))),
    ] {
        for arguments in [vec![name], vec!["--from", "sentinel", name]] {
            let answer = build(&[(name, &text)], &arguments);
            assert_eq!(
                answer.cells(),
                ["T1110@microsoft.entra-id 1"],
                "{name} {arguments:?}: {}",
                answer.said()
            );
        }
    }
    let defender = |id: u32, enabled: bool| {
        json!({"id": id.to_string(), "displayName": "a", "isEnabled": enabled,
            "queryCondition": {"queryText": "DeviceProcessEvents | take 1"},
            "detectionAction": {"alertTemplate": {"mitreTechniques": ["T1059.001"]}}})
    };
    let graph = bytes(&json!({"value": [defender(1, true), defender(2, false)]}));
    let answer = build(&[("a.json", &graph)], &["a.json"]);
    assert_eq!(answer.cells(), ["T1059.001@microsoft.defender-endpoint 1"]);
    assert_eq!(answer.told()["left_out"]["rules_disabled"], 1);
    let nrt = b"id: 00000001-aaaa-4bbb-8ccc-000000000000\nname: a\nkind: NRT\nquery: SigninLogs\n";
    let answer = build(&[("a.yaml", nrt)], &["."]);
    answer.refused(&["the rule names no technique"]);
}

#[test]
fn states_and_correlations_that_other_files_hold() {
    let rule = |name: &str| {
        format!(
            "rule {name} {{\n  meta:\n    mitre_attack_technique = \"Valid Accounts\"\n  events:\n    \
             $e.metadata.product_name = \"Okta\"\n  condition:\n    $e\n}}\n"
        )
    };
    let config = "a:\n  alerting: true\n  archived: false\n  enabled: true\nb:\n  alerting: false\n  enabled: true\n\
                  c:\n  alerting: false\n  archived: true\n  enabled: false\n";
    let (a, b, c) = (rule("a"), rule("b"), rule("c"));
    let files = [
        ("rules/a.yaral", a.as_bytes()),
        ("rules/b.yaral", b.as_bytes()),
        ("rules/c.yaral", c.as_bytes()),
        ("rule_config.yaml", config.as_bytes()),
    ];
    let answer = build(&files, &["."]);
    assert_eq!(answer.cells(), ["T1078@okta.identity 1"]);
    assert_eq!(answer.told()["left_out"], json!({"rules_disabled": 1, "rules_no_alert_action": 1}));
    assert_eq!(answer.told()["unspecified"], 0);
    let without = build(&files[..3], &["."]);
    assert_eq!(
        (without.cells(), &without.told()["unspecified"]),
        (vec!["T1078@okta.identity 3".to_owned()], &json!(3))
    );

    let of = |id: &str, more: Value| {
        let mut resource = json!({"name": format!("projects/1/rules/ru_{id}"), "text": rule(id)});
        resource.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        resource
    };
    let alpha = bytes(&json!({"rules": [of("a", json!({"liveModeEnabled": true, "alertingEnabled": true})),
        of("b", json!({"liveModeEnabled": true})), of("c", json!({"archived": true}))]}));
    let state = json!({"deployment_state": {"enabled": true, "alerting": true}});
    let nested = bytes(&json!([of("a", state), of("b", json!({"deployment_state": {"archived": true}}))]));
    let plain = bytes(&json!({"rules": [of("a", json!({})), of("b", json!({}))]}));
    let deployments = bytes(&json!({"ruleDeployments": [
        {"name": "projects/1/rules/ru_a/deployment", "enabled": true, "alerting": true},
        {"name": "projects/1/rules/ru_b/deployment", "archived": true}]}));
    for (files, arguments) in [
        (vec![("a.json", &alpha[..])], vec!["a.json"]),
        (vec![("a.json", &nested)], vec!["a.json"]),
        (vec![("a.json", &plain), ("b.json", &deployments)], vec!["a.json", "b.json"]),
    ] {
        let answer = build(&files, &arguments);
        assert_eq!(answer.cells(), ["T1078@okta.identity 1"], "{}", answer.said());
    }

    let base = b"title: a\nname: base\nlogsource: {product: okta}\ndetection: {}\ntags: [attack.t1110]\n";
    let correlation =
        b"title: b\ncorrelation: {type: event_count, rules: [base]}\ntags: [attack.t1110.001]\n---\n\
        title: c\ncorrelation: {type: event_count, rules: [elsewhere]}\ntags: [attack.t1078]\n";
    let answer = build(&[("a.yml", base), ("b.yml", correlation)], &["."]);
    let cells = answer.cells();
    assert!(cells.contains(&"T1110.001@okta.identity 1".to_owned()), "{cells:?}");
    assert!(cells.contains(&"T1078@other.unknown 1".to_owned()), "{cells:?}");
    assert_eq!(answer.told()["left_out"]["rules_part_of_correlation"], 1);
    assert_eq!(answer.told()["unmapped_sources"], json!({"rule:elsewhere": 1}));
}

#[test]
fn tables_as_spreadsheets_and_platforms_write_them() {
    let windows = ["--technology", "microsoft.windows"];
    let vectr = "Campaign,MitreID,Status,Outcome,Activity Logged\na,T1040,Completed,Blocked,\na,T1046,Completed,NotDetected,Yes\n\
                 a,T1190,InProgress,TBD,\na,,Completed,NotDetected,\n";
    let blank = "\u{feff}Technique;Technology;Outcome\r\nT1040;microsoft.windows;Blocked\r\nT1046;microsoft.windows;logged\r\n;;\r\n;;\r\n";
    let sep = "sep=;\r\ntechnique;technology;outcome\r\nT1040;microsoft.windows;blocked\r\nT1046;microsoft.windows;Logged\r\nT1003;;\r\n";
    let expected = ["T1040@microsoft.windows \"blocked\"", "T1046@microsoft.windows \"logged\""];
    for (text, arguments) in [(vectr, &windows[..]), (blank, &[]), (sep, &[])] {
        let answer = build(&[("a.csv", text.as_bytes())], &[&["a.csv"], arguments].concat());
        assert_eq!(answer.cells(), expected, "{}", answer.said());
    }
    build(&[("a.csv", vectr.as_bytes())], &["a.csv"]).refused(&["--technology"]);
    let wrong = build(&[("a.csv", b"technique,outcome\nT1040,blocked\nT1046,Completed\n")], &["a.csv"]);
    wrong.refused(&["a.csv:3", "none of none, logged, alerted and blocked"]);
}

#[test]
fn old_administration_of_data_sources() {
    let techniques = "file_type: technique-administration\nversion: 1.2\ndomain: enterprise-attack\nplatform: [Windows]\ntechniques:\n\
        - technique_id: T1059.001\n  detection: [{applicable_to: [servers], score_logbook: [{date: 2020-01-01, score: 4}]}]\n";
    let sources = "file_type: data-source-administration\nversion: 1.0\ndata_sources:\n\
        - {data_source_name: Process, products: [Sysmon], available_for_data_analytics: true}\n";
    let answer = build(&[("a.yaml", techniques.as_bytes()), ("b.yaml", sources.as_bytes())], &["."]);
    assert_eq!(answer.cells(), ["T1059.001@microsoft.windows 4"]);
}

#[test]
fn a_wrong_product_is_told_what_the_files_are() {
    let rule = b"title: a\nlogsource: {product: windows}\ndetection: {}\ntags: [attack.t1059]\n";
    build(&[("a.yml", rule)], &["--from", "splunk", "."])
        .refused(&["1 file looks like sigma", "--from sigma"]);
    build(&[("a.yml", rule)], &["--from", "splunk", "a.yml"])
        .refused(&["a.yml: looks like sigma, not splunk"]);
    build(&[("a.json", b"{\"a\": 1}")], &["--from", "sentinel", "a.json"])
        .refused(&["a.json: is JSON, but in no known form of sentinel", "REST interface"]);
    build(&[("a.csv", b"technique,technology\nT1059,microsoft.windows\n")], &["a.csv"])
        .refused(&["a.csv: is a table, but in no known form of any product"]);
    build(&[("a.yml", b"\x89PNG\r\n\x1a\n\0\0")], &["a.yml"]).refused(&["a.yml: is no text file"]);
    build(&[("a.afb", b"{\"schema\": \"attack_flow_v2\", \"objects\": []}")], &["a.afb"])
        .refused(&["a.afb: is an Attack Flow", "`peerbench paths FILE`"]);
    let colours = b"{\"domain\": \"enterprise-attack\", \"versions\": {\"layer\": \"4.5\"}, \"techniques\": [{\"techniqueID\": \"T1059\", \"color\": \"#fff\"}]}";
    build(&[("a.json", colours)], &["--from", "sumo", "a.json"]).refused(&["a.json: shows colours only"]);
    let untagged = b"title: a\nlogsource: {product: windows}\ndetection: {}\n";
    build(&[("a.yml", untagged)], &["."]).refused(&["the rule names no technique"]);
    build(&[("a.tar.gz", b"\x1F\x8B\x08")], &["."]).refused(&["a.tar.gz is an archive"]);
    build(&[("a.tar", &[&[b'a'; 257][..], b"ustar"].concat())], &["a.tar"])
        .refused(&["a.tar: is a tar archive"]);
}

#[test]
fn names_never_reach_a_terminal_raw() {
    let rule = b"title: \"\\e[2J\\u009b31mX\\nSecond\\u202e\"\nlogsource: {product: \"a\\e[2J\\u009b\\u202e\"}\ndetection: {}\ntags: [attack.t1059, \"attack.t1\\e[2J\\u202e\"]\n";
    for more in [
        &["--explain", "--counts", "--format", "text"][..],
        &["--lint", "--format", "text"],
        &["--lint", "--format", "json"],
        &["--lint", "--format", "sarif"],
        &["--explain", "--counts", "--format", "json"],
        &["--technology", "okta.identity", "--format", "json"],
        &["--explain"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a\u{1b}[2J\u{202e}.yml"), rule).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_peerbench"));
        command.args(["snapshot", "build", folder.path().to_str().unwrap()]).args(more);
        if !more.contains(&"--lint") {
            command.args(["-o", folder.path().join("out").to_str().unwrap()]);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let odd = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!said.contains(odd), "{said:?}");
        assert!(!said.lines().any(|line| line.starts_with("Second")), "{said}");
    }
}

#[test]
fn the_output_is_never_an_input() {
    let folder = tempfile::tempdir().unwrap();
    let rule = b"title: a\nlogsource: {product: windows}\ndetection: {}\ntags: [attack.t1059]\n";
    let path = folder.path().join("a.yml");
    fs::write(&path, rule).unwrap();
    let beside = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let link = folder.path().join("b.yml");
    fs::hard_link(&path, &link).unwrap();
    let tags = beside("tags", "a = T1078\n");
    fs::create_dir(folder.path().join("templates")).unwrap();
    let template = beside("templates/list.csv", "template_id,techniques\na,T1078\n");
    let catalogue = beside("catalogue.json", "{}");
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    for (output, arguments) in [
        (&path, vec![text(&path)]),
        (&path, vec![text(folder.path())]),
        (&link, vec![text(&path)]),
        (&tags, vec![text(&path), "--tags".to_owned(), text(&tags)]),
        (&template, vec![text(&path), "--templates".to_owned(), text(template.parent().unwrap())]),
        (&catalogue, vec![text(&path), "--catalogue".to_owned(), text(&catalogue)]),
    ] {
        let before = fs::read(output).unwrap();
        let built = Command::new(env!("CARGO_BIN_EXE_peerbench"))
            .args(["snapshot", "build", "-o", &text(output)])
            .args(&arguments)
            .output()
            .unwrap();
        assert_eq!(built.status.code(), Some(2));
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(said.contains("would overwrite"), "{arguments:?}: {said}");
        assert_eq!(fs::read(output).unwrap(), before);
    }
}
