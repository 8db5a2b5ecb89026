//! `--lint` and `--tags` as a pipeline runs them.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerbench"));
    command.current_dir(folder).args(["snapshot", "build"]).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Rules with one thing wrong each, and one with nothing.
fn rules() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rule = |title: &str, tags: &str| {
        format!("title: {title}\nlogsource:\n  product: windows\ndetection: {{}}\ntags:\n{tags}")
    };
    let many = [1003, 1005, 1007, 1008, 1010, 1011, 1012, 1014, 1016, 1018, 1020, 1021, 1025];
    let many: String = many.map(|n| format!("  - attack.t{n}\n")).concat();
    for (name, text) in [
        ("good.yml", rule("Good", "  - attack.t1059.001\n")),
        ("old rule.yml", rule("Old", "  - attack.execution\n  - attack.t1562_001\n")),
        ("none.yml", rule("None", "  - attack.execution\n")),
        ("typo.yml", rule("Typo", "  - attack.t105\n")),
        ("many.yml", rule("Many", &many)),
        ("torn.yml", "title: Torn\nlogsource: 1\ndetection: [\n".to_owned()),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn everything_wrong_is_listed_with_file_and_line() {
    let folder = rules();
    let found = run(folder.path(), &[".", "--lint"]);
    assert_eq!(found.status.code(), Some(1));
    let text = out(&found);
    for line in [
        "./old rule.yml:7: outdated: Old: T1562.001 is T1685 in ATT&CK 19.2: write T1685.",
        "./none.yml:1: untagged: None: names no technique.",
        "./typo.yml:6: malformed: Typo: t105 is not a technique.",
        "./many.yml:1: over-broad: Many: names 13 techniques; more than 12 are too broad to show coverage.",
        "./torn.yml:3: unreadable: is not valid YAML from here on.",
    ] {
        assert!(text.lines().any(|said| said.eq_ignore_ascii_case(line)), "{line}: {text}");
    }
    assert!(!text.contains("good.yml"), "{text}");
    assert!(
        err(&found).contains("1 unreadable, 1 untagged, 1 malformed, 1 outdated, 1 over-broad"),
        "{}",
        err(&found)
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 6, "nothing is written");
}

#[test]
fn findings_as_json_and_sarif() {
    let folder = rules();
    let found: Value =
        serde_json::from_str(&out(&run(folder.path(), &[".", "--lint", "--format", "json"]))).unwrap();
    let old =
        found["findings"].as_array().unwrap().iter().find(|finding| finding["kind"] == "outdated").unwrap();
    assert_eq!(
        *old,
        json!({
            "kind": "outdated", "file": "./old rule.yml", "line": 7, "rule": "Old", "technique": "T1562.001",
            "proposed": "T1685", "message": "T1562.001 is T1685 in ATT&CK 19.2: write T1685."
        })
    );
    let sarif = run(folder.path(), &["old rule.yml", "--lint", "--format", "sarif"]);
    assert_eq!(sarif.status.code(), Some(1));
    let sarif: Value = serde_json::from_str(&out(&sarif)).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "outdated");
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], "outdated");
    assert_eq!(
        result["locations"][0]["physicalLocation"],
        json!({"artifactLocation": {"uri": "old%20rule.yml"}, "region": {"startLine": 7}})
    );
}

#[test]
fn in_one_long_list_the_line_is_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let search = |name: &str, technique: &str| {
        let annotations = json!({"mitre_attack": [technique]}).to_string();
        json!({"name": name, "content": {"search": "x", "action.correlationsearch.annotations": annotations}})
    };
    let answer = json!({"entry": [search("A", "T1059"), search("B", "T1562.001"), search("B", "T99")]});
    fs::write(folder.path().join("saved.json"), serde_json::to_string_pretty(&answer).unwrap()).unwrap();
    let text = out(&run(folder.path(), &["saved.json", "--lint"]));
    let text: Vec<&str> = text.lines().collect();
    assert_eq!(
        text,
        [
            // The name stands below the content; what is said is looked for from there on, else the name is it.
            "saved.json:15: outdated: B: T1562.001 is T1685 in ATT&CK 19.2: write T1685.",
            "saved.json:22: malformed: B: T99 is not a technique."
        ]
    );
}

#[test]
fn clean_rules_end_with_zero_and_usage_is_checked() {
    let folder = rules();
    let clean = run(folder.path(), &["good.yml", "--lint"]);
    assert_eq!((clean.status.code(), out(&clean)), (Some(0), String::new()));
    let older = run(folder.path(), &["old rule.yml", "--lint", "--attack", "18.1"]);
    assert_eq!(older.status.code(), Some(0), "{}", out(&older));
    for wrong in [
        vec!["good.yml", "--lint", "-o", "x"],
        vec!["good.yml"],
        vec!["good.yml", "-o", "-", "--format", "sarif"],
        vec!["good.yml", "--lint", "--tags", "missing"],
    ] {
        assert_eq!(run(folder.path(), &wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn ones_own_tags_stay_local_and_count() {
    let folder = rules();
    fs::remove_file(folder.path().join("torn.yml")).unwrap();
    fs::write(
        folder.path().join("tags.txt"),
        "# ours\nNone = T1078\nO* += T1003\ntypo=T1021\nMany =\nGone = T1005\n",
    )
    .unwrap();
    let tagged = run(folder.path(), &[".", "--tags", "tags.txt", "-o", "-", "--format", "json"]);
    assert!(tagged.status.success(), "{}", err(&tagged));
    let told: Value = serde_json::from_str(&err(&tagged)).unwrap();
    assert_eq!(told["left_out"], json!({"rules_untagged": 1}));
    assert_eq!(told["tags_unused"], json!(["tags.txt:6 fits no rule"]));
    let snapshot: Value = serde_json::from_str(&out(&tagged)).unwrap();
    let ids: Vec<&str> = snapshot["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell["technique"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["T1003", "T1021", "T1059.001", "T1078", "T1685"]);
    let linted = run(folder.path(), &["none.yml", "typo.yml", "--tags", "tags.txt", "--lint"]);
    assert_eq!(linted.status.code(), Some(0), "{}", out(&linted));
    fs::write(folder.path().join("tags.txt"), "None = T1078\nTypo = T99\n").unwrap();
    let wrong = run(folder.path(), &[".", "--tags", "tags.txt", "-o", "-"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        err(&wrong).contains("tags.txt:2: names something that is not a technique ID"),
        "{}",
        err(&wrong)
    );
}

#[test]
fn what_templates_tell_is_no_longer_untagged() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sentinel");
    let lint = |more: &[&str]| run(&data, &[&["analytics_rules.json", "--lint"], more].concat());
    let without = lint(&[]);
    assert!(out(&without).contains("untagged: Log cleared"), "{}", out(&without));
    let with = lint(&["--templates", "templates"]);
    assert!(!out(&with).contains("untagged"), "{}", out(&with));
    let nowhere = lint(&["--templates", "nowhere"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(err(&nowhere).contains("--templates nowhere holds no rule templates"), "{}", err(&nowhere));
}
