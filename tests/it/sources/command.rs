//! `peerbench snapshot build` as people run it, on the small exports in `tests/data`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

/// Runs the command in a folder of its own, where `snapshot.json` is the output unless the arguments say otherwise.
fn build(arguments: &[&str]) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerbench"));
    command.current_dir(folder.path()).args(["snapshot", "build"]).args(arguments);
    if !arguments.contains(&"-o") {
        command.args(["-o", "snapshot.json"]);
    }
    (command.output().unwrap(), folder)
}

fn path(of: &str) -> String {
    data(of).to_str().unwrap().to_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn summary(output: &Output) -> Value {
    serde_json::from_str(&stderr(output)).unwrap_or_else(|_| panic!("no JSON: {}", stderr(output)))
}

fn snapshot(folder: &tempfile::TempDir) -> Value {
    serde_json::from_slice(&fs::read(folder.path().join("snapshot.json")).unwrap()).unwrap()
}

/// `technique technology value` of every cell.
fn cells(snapshot: &Value) -> Vec<String> {
    let word = |cell: &Value, key: &str| cell[key].as_str().unwrap_or("?").to_owned();
    let cells = snapshot["cells"].as_array().unwrap().iter();
    cells
        .map(|cell| {
            let number = cell["value"].as_i64().map(|value| value.to_string());
            let value =
                number.or_else(|| cell["value"].as_str().map(str::to_owned)).unwrap_or("?".to_owned());
            format!("{} {} {value}", word(cell, "technique"), word(cell, "technology"))
        })
        .collect()
}

#[test]
fn a_folder_of_sigma_rules() {
    let (output, folder) = build(&[&path("sigma"), "--period", "2026-10", "--format", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = summary(&output);
    let expected = [
        ("files", json!(3)),
        ("rules", json!(7)),
        ("enabled", json!(6)),
        ("with_technique", json!(7)),
        ("techniques", json!(8)),
        ("technologies", json!(["aws.cloudtrail", "microsoft.windows", "other.unknown"])),
        ("left_out", json!({"rules_disabled": 1, "ids_malformed": 1, "ids_parent_beside_its_sub": 1})),
        ("unmapped_sources", json!({"acme_wiki/*/audit": 1})),
    ];
    for (key, value) in expected {
        assert_eq!(told[key], value, "{key}");
    }
    let snapshot = snapshot(&folder);
    assert_eq!(snapshot["period"], "2026-10");
    assert_eq!(
        cells(&snapshot),
        [
            "T1110.001 aws.cloudtrail ?",
            "T1685.002 aws.cloudtrail 1",
            "T1003.001 microsoft.windows 1",
            "T1027 microsoft.windows 2",
            "T1059.001 microsoft.windows 2",
            "T1110.001 microsoft.windows ?",
            "T1543.003 microsoft.windows 1",
            "T1110.001 other.unknown 1",
        ]
    );
}

#[test]
fn an_app_of_splunk_with_local_changes() {
    let (output, folder) =
        build(&[&path("splunk/threat_app"), "--map", "acme_wiki=atlassian.cloud", "--format", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = summary(&output);
    assert_eq!((&told["files"], &told["rules"]), (&json!(2), &json!(6)));
    assert_eq!(
        told["left_out"],
        json!({"rules_risk_only": 1, "rules_no_alert_action": 1, "ids_parent_beside_its_sub": 1})
    );
    assert_eq!(
        cells(&snapshot(&folder)),
        [
            "T1110.001 atlassian.cloud 1",
            "T1685.002 aws.cloudtrail 1",
            "T1003.001 microsoft.windows 1",
            "T1027 microsoft.windows 1",
            "T1059.001 microsoft.windows 1",
        ]
    );
}

#[test]
fn an_answer_of_splunks_rest_interface() {
    let (output, folder) = build(&[&path("splunk/saved_searches.json"), "--format", "json", "--counts"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = summary(&output);
    assert_eq!((&told["rules"], &told["enabled"]), (&json!(3), &json!(2)));
    assert_eq!(told["technique_rules_raw"], json!({"T1003": 1, "T1003.001": 1, "T1110": 1, "T1562.008": 1}));
    assert_eq!(told["mapped_to_19_0"], json!({"T1003": 1, "T1003.001": 1, "T1110": 1, "T1685.002": 1}));
    assert_eq!(cells(&snapshot(&folder)), ["T1685.002 aws.cloudtrail 1", "T1003.001 microsoft.windows 1"]);
}

#[test]
fn exports_of_the_other_products() {
    let templates = path("sentinel/templates");
    let and_one_disabled = |more: Value| {
        let mut left_out = more;
        left_out["rules_disabled"] = json!(1);
        left_out
    };
    for (arguments, figures, left_out, expected) in [
        (
            vec![path("elastic")],
            [6, 5, 6, 7],
            and_one_disabled(
                json!({"rules_building_block": 1, "ids_parent_beside_its_sub": 3, "documents_no_rule": 2}),
            ),
            vec![
                "T1685.002 aws.cloudtrail 1",
                "T1490 microsoft.windows 1",
                "T1685.001 microsoft.windows 1",
                "T1078.004 okta.identity 1",
            ],
        ),
        (
            vec![path("sentinel/analytics_rules.json"), "--templates".to_owned(), templates],
            [5, 4, 5, 7],
            and_one_disabled(json!({"rules_pass_through": 1, "ids_parent_beside_its_sub": 1})),
            vec![
                "T1046 fortinet.fortigate 1",
                "T1110.003 microsoft.entra-id 1",
                "T1685.005 microsoft.windows 1",
            ],
        ),
        (
            vec![path("cortex")],
            [6, 4, 4, 5],
            json!({"rules_disabled": 2, "rules_no_alert_action": 1, "ids_parent_beside_its_sub": 1, "documents_no_rule": 1}),
            vec![
                "T1098.007 microsoft.windows 1",
                "T1078.004 okta.identity 1",
                "T1560.001 paloalto.cortex-xdr 1",
            ],
        ),
        (
            vec![path("sumo/rules.json")],
            [5, 4, 5, 6],
            and_one_disabled(json!({"rules_prototype": 1, "ids_parent_beside_its_sub": 1})),
            vec![
                "T1098.001 aws.cloudtrail 1",
                "T1110.003 microsoft.windows 1",
                "T1685.005 microsoft.windows 1",
            ],
        ),
        (
            vec![path("chronicle")],
            [3, 3, 3, 4],
            json!({"rules_hunting": 1, "ids_parent_beside_its_sub": 1}),
            vec!["T1003.001 microsoft.windows 1", "T1078.004 okta.identity 1"],
        ),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(["--format", "json"]).collect();
        let (output, folder) = build(&arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        let told = summary(&output);
        let names = ["rules", "enabled", "with_technique", "techniques"];
        assert_eq!(
            names.map(|name| told[name].clone()),
            figures.map(|figure| json!(figure)),
            "{arguments:?}"
        );
        assert_eq!(told["left_out"], left_out, "{arguments:?}");
        assert_eq!(cells(&snapshot(&folder)), expected, "{arguments:?}");
    }
    let (refused, _) = build(&[&path("sumo/coverage_layer.json")]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("ten rules or fewer"), "{}", stderr(&refused));
}

#[test]
fn a_navigator_layer_with_its_declarations() {
    let layer = path("navigator/layer.json");
    let declared = ["--scale", "rule-count/1", "--technology", "microsoft.windows"];
    let (output, folder) = build(&[&[layer.as_str()], &declared[..]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        cells(&snapshot(&folder)),
        ["T1003.001 microsoft.windows 20", "T1027 microsoft.windows 0", "T1543.003 microsoft.windows 3"]
    );
    let (undeclared, folder) = build(&[&layer]);
    assert_eq!(undeclared.status.code(), Some(2));
    assert!(stderr(&undeclared).contains("--scale"));
    assert!(!folder.path().join("snapshot.json").exists());
}

#[test]
fn what_has_scores_says_itself_on_which_basis_and_scale() {
    let outcomes = [
        "T1685.002 aws.cloudtrail none",
        "T1003.001 crowdstrike.falcon blocked",
        "T1003.001 microsoft.windows blocked",
        "T1059.001 microsoft.windows alerted",
        "T1110.001 other.unknown logged",
    ];
    let dettect = [
        "T1053.003 linux.auditd 2",
        "T1071.001 linux.auditd 0",
        "T1053.003 microsoft.windows -1",
        "T1059.001 microsoft.windows 4",
        "T1071.001 microsoft.windows 0",
        "T1685 microsoft.windows 3",
        "T1071.001 zscaler.zia 0",
    ];
    let logs = [
        "T1041 checkpoint.firewall logged",
        "T1059.005 checkpoint.firewall blocked",
        "T1071.001 checkpoint.firewall alerted",
        "T1190 checkpoint.firewall blocked",
        "T1204.002 checkpoint.firewall blocked",
        "T1566 checkpoint.firewall blocked",
        "T1566.001 checkpoint.firewall blocked",
        "T1003.001 checkpoint.harmony-endpoint alerted",
        "T1685 checkpoint.harmony-endpoint alerted",
    ];
    for (from, basis, scale, expected) in [
        ("outcomes", "validated", "outcome/1", &outcomes[..]),
        ("dettect", "deployed", "dettect/1", &dettect),
        ("checkpoint/logs", "observed", "outcome/1", &logs),
    ] {
        let (output, folder) = build(&[&path(from)]);
        assert!(output.status.success(), "{}", stderr(&output));
        let snapshot = snapshot(&folder);
        assert_eq!((&snapshot["basis"], &snapshot["scale"]), (&json!(basis), &json!(scale)), "{from}");
        assert_eq!(snapshot["complete"], json!([]));
        assert_eq!(cells(&snapshot), expected, "{from}");
        let (refused, _) = build(&[&path(from), "--scale", "percent/1"]);
        assert_eq!(refused.status.code(), Some(2), "{from}: the format has its scale");
    }
    let (refused, _) = build(&[&path("outcomes"), "--basis", "deployed"]);
    assert_eq!(refused.status.code(), Some(2), "a test shows nothing deployed");
}

#[test]
fn protections_count_through_a_table_of_vulnerabilities() {
    let protections = path("checkpoint/protections.json");
    let (output, folder) =
        build(&[&protections, "--cve-map", &path("checkpoint/cves.csv"), "--format", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(cells(&snapshot(&folder)), ["T1190 checkpoint.firewall 1", "T1203 checkpoint.firewall 1"]);
    assert_eq!(snapshot(&folder)["complete"], json!([]), "most protections lead to no technique");
    assert_eq!(summary(&output)["left_out"], json!({"rules_disabled": 1}));
    let (without, _) = build(&[&protections]);
    assert_eq!(without.status.code(), Some(1));
    assert!(stderr(&without).contains("--cve-map"));
    let (both, _) = build(&[&protections, &path("checkpoint/logs")]);
    assert_eq!(both.status.code(), Some(1));
    assert!(stderr(&both).contains("two snapshots"), "{}", stderr(&both));
    let (own, folder) = build(&[&path("checkpoint/own_mapping.csv")]);
    assert!(own.status.success(), "{}", stderr(&own));
    assert_eq!(cells(&snapshot(&folder)).len(), 4);
}

#[test]
fn what_is_shown_is_what_is_written_and_can_be_explained_locally() {
    let sigma = path("sigma");
    let (shown, _) = build(&[&sigma, "--period", "2026-10", "-o", "-", "--explain"]);
    let (written, folder) = build(&[&sigma, "--period", "2026-10"]);
    assert!(shown.status.success() && written.status.success());
    assert_eq!(shown.stdout, fs::read(folder.path().join("snapshot.json")).unwrap());
    assert!(written.stdout.is_empty());
    let explained = stderr(&shown);
    for part in
        ["T1003.001 microsoft.windows: 1", "Handle to LSASS", "lsass_access.yml:1", "disabled rules: 1"]
    {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    assert!(!String::from_utf8(shown.stdout).unwrap().contains("LSASS"));
}

#[test]
fn numbers_read_as_people_write_them() {
    let folder = tempfile::tempdir().unwrap();
    let rule = |n: usize| {
        format!("title: r{n}\nlogsource: {{product: windows}}\ndetection: {{}}\ntags: [attack.t1059]\n")
    };
    let rules: Vec<String> = (0..1_234).map(rule).collect();
    std::fs::write(folder.path().join("a.yml"), rules.join("---\n")).unwrap();
    std::fs::write(folder.path().join("b.txt"), "no rules").unwrap();
    let (output, _folder) = build(&[folder.path().to_str().unwrap(), "--explain"]);
    let said = stderr(&output);
    assert!(
        said.starts_with("Read 1 file of sigma: 1,234 rules, 1,234 enabled, 1,234 with a technique"),
        "{said}"
    );
    assert!(said.contains("\nThe files don't say whether 1,234 rules are enabled."), "{said}");
    assert!(said.contains("T1059 microsoft.windows: 1,234\n"), "{said}");
}

#[test]
fn a_bad_file_stops_the_build_unless_told_otherwise() {
    let rules = tempfile::tempdir().unwrap();
    fs::copy(data("sigma/windows/lsass_access.yml"), rules.path().join("a.yml")).unwrap();
    fs::write(rules.path().join("b.yml"), "title: x\ndetection: [\n").unwrap();
    fs::write(rules.path().join("c.yml"), "title: x\nlogsource: 1\ndetection: [\n").unwrap();
    let folder = rules.path().to_str().unwrap();
    let (stopped, _) = build(&[folder]);
    assert_eq!(stopped.status.code(), Some(1));
    assert!(stderr(&stopped).contains("c.yml:") && stderr(&stopped).contains("--keep-going"));
    let (went_on, out) = build(&[folder, "--keep-going", "--format", "json"]);
    assert!(went_on.status.success(), "{}", stderr(&went_on));
    assert_eq!(summary(&went_on)["files_failed"].as_array().unwrap().len(), 1);
    assert_eq!(cells(&snapshot(&out)).len(), 2);
}

#[test]
fn refusals_have_their_exit_codes_and_stay_one_object() {
    let sigma = path("sigma");
    for (arguments, code, word) in [
        (vec![sigma.as_str(), "--technology", "acme.thing"], 2, "acme.thing"),
        (vec![&sigma, "--period", "2999-01"], 2, "future"),
        (vec![&sigma, "--templates", "."], 2, "--templates"),
        (vec![&sigma, "--map", "nowhere"], 2, "--map"),
        (vec![&sigma, "--basis", "observed"], 2, "--basis"),
        (vec!["missing.yml"], 1, "does not exist"),
        (vec![&sigma, "-o", "no/such/folder"], 3, "cannot be written"),
    ] {
        let (output, _) = build(&[&arguments[..], &["--format", "json"]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let error = summary(&output)["error"].as_str().unwrap().to_owned();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn an_export_without_running_rules_gives_nothing_to_send() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("savedsearches.conf"), "[A]\ndisabled = 1\nsearch = `sysmon` x\n").unwrap();
    let (output, out) = build(&[folder.path().to_str().unwrap(), "--format", "json", "--counts"]);
    assert_eq!(output.status.code(), Some(1));
    let told = summary(&output);
    assert_eq!(told["left_out"], json!({"rules_disabled": 1}));
    assert!(told["error"].as_str().unwrap().starts_with("There is nothing to upload"));
    assert!(!out.path().join("snapshot.json").exists());
}
