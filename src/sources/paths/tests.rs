//! Flows in three forms, layers, and what is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::{
    path::{DraftStep, PathSource},
    snapshot::FieldError,
};

/// The ways of each step: titles and techniques.
fn said(draft: &Draft) -> Vec<String> {
    let step = |step: &DraftStep| {
        let ways = step.ways.iter().map(|way| {
            let title = way.title.as_deref().unwrap_or("-");
            format!("{title}:{}", way.techniques.join(","))
        });
        ways.collect::<Vec<_>>().join(" | ")
    };
    draft.steps.iter().map(step).collect()
}

fn bundle() -> serde_json::Value {
    json!({"type": "bundle", "id": "bundle--1", "objects": [
        {"type": "identity", "id": "identity--1", "name": {"first": "no text"}},
        {"type": "attack-flow", "id": "attack-flow--1", "name": "A night shift", "start_refs": ["attack-action--1"]},
        {"type": "attack-action", "id": "attack-action--1", "name": "Sign in", "technique_id": "T1078",
         "effect_refs": ["attack-condition--1"], "asset_refs": ["attack-asset--1"]},
        {"type": "attack-condition", "id": "attack-condition--1", "description": "An administrator?",
         "on_true_refs": ["attack-action--2"], "on_false_refs": ["attack-action--3"]},
        {"type": "attack-action", "id": "attack-action--2", "name": "Take data", "technique_id": "T1530"},
        {"type": "attack-action", "id": "attack-action--3", "name": "Ask for more", "technique_id": null, "tactic_id": "TA0004",
         "effect_refs": ["attack-asset--1"]},
        {"type": "attack-asset", "id": "attack-asset--1", "name": "Storage"},
    ]})
}

/// A drawing of the flow by the builder of version 3.
fn drawn_3() -> serde_json::Value {
    json!({"schema": "attack_flow_v2", "theme": "dark", "objects": [
        {"id": "flow", "instance": "f", "properties": [["name", "A night shift"], ["author", [["name", "nobody"]]]]},
        {"id": "action", "instance": "1", "properties": [["name", "Sign in"], ["ttp", [["tactic", "TA0001"], ["technique", "T1078"]]]],
         "anchors": {"0": "1a", "90": "1b"}},
        {"id": "condition", "instance": "2", "properties": [["description", "An administrator?"]],
         "anchors": {"90": "2a", "branch:True": "2t", "branch:False": "2f"}},
        {"id": "action", "instance": "3", "properties": [["name", "Take data"], ["technique_id", "T1530"], ["ttp", [["technique", "T1000"]]]],
         "anchors": {"0": "3a"}},
        {"id": "action", "instance": "4", "properties": [["name", "Ask for more"], ["technique_id", null]], "anchors": {"0": "4a"}},
        {"id": "horizontal_anchor", "instance": "1b", "latches": ["s1"]},
        {"id": "vertical_anchor", "instance": "2a", "latches": ["t1"]},
        {"id": "vertical_anchor", "instance": "2t", "latches": ["s2"]},
        {"id": "vertical_anchor", "instance": "2f", "latches": ["s3"]},
        {"id": "vertical_anchor", "instance": "3a", "latches": ["t2"]},
        {"id": "vertical_anchor", "instance": "4a", "latches": ["t3"]},
        {"id": "dynamic_line", "instance": "l1", "source": "s1", "target": "t1"},
        {"id": "dynamic_line", "instance": "l2", "source": "s2", "target": "t2"},
        {"id": "dynamic_line", "instance": "l3", "source": "s3", "target": "t3"},
    ], "layout": {}, "camera": {}})
}

/// And as the builder of version 2 does.
fn drawn_2() -> serde_json::Value {
    let block = |id: &str, template: &str, anchors: &[&str], properties: serde_json::Value| json!({"id": id, "template": template, "children": anchors, "properties": properties});
    let plain = |id: &str, template: &str, children: &[&str]| block(id, template, children, json!([]));
    json!({"version": "2.2.3", "id": "f", "objects": [
        block("f", "flow", &["1"], json!([["name", "A night shift"]])),
        block("1", "action", &["1a"], json!([["name", "Sign in"], ["technique_id", "T1078"]])),
        block("2", "condition", &["2a", "2t", "2f"], json!([])),
        block("3", "action", &["3a"], json!([["name", "Take data"], ["technique_id", "T1530"]])),
        block("4", "action", &["4a"], json!([["name", "Ask for more"], ["technique_id", ""]])),
        plain("1a", "@__builtin__anchor", &["s1"]), plain("2a", "@__builtin__anchor", &["t1"]),
        plain("2t", "true_anchor", &["s2"]), plain("2f", "false_anchor", &["s3"]),
        plain("3a", "@__builtin__anchor", &["t2"]), plain("4a", "@__builtin__anchor", &["t3"]),
        plain("l1", "@__builtin__line_horizontal_elbow", &["s1", "h1", "t1"]),
        plain("l2", "@__builtin__line_vertical_elbow", &["s2", "t2"]),
        plain("l3", "@__builtin__line_vertical_elbow", &["s3", "t3"]),
        plain("s1", "@__builtin__line_source", &[]), plain("t1", "@__builtin__line_target", &[]),
        plain("h1", "@__builtin__line_handle", &[]),
        plain("s2", "@__builtin__line_source", &[]), plain("t2", "@__builtin__line_target", &[]),
        plain("s3", "@__builtin__line_source", &[]), plain("t3", "@__builtin__line_target", &[]),
    ]})
}

#[test]
fn a_flow_has_the_same_steps_in_every_form() {
    for document in [bundle(), drawn_3(), drawn_2()] {
        let mut text = document.to_string().into_bytes();
        text.splice(0..0, *b"\xef\xbb\xbf");
        let draft = read(&text).unwrap();
        assert_eq!(said(&draft), ["Sign in:T1078", "Take data:T1530 | Ask for more:"]);
        assert_eq!((draft.title.as_deref(), draft.source), (Some("A night shift"), PathSource::Flow));
        assert!(draft.ordered);
    }
}

fn layer(domain: &str, techniques: &serde_json::Value) -> Result<Draft, PathReadError> {
    read(
        json!({"name": "mine", "versions": "4.3", "domain": domain, "techniques": techniques})
            .to_string()
            .as_bytes(),
    )
}

#[test]
fn a_layer_is_the_techniques_that_it_marks() {
    let coloured = json!([
        {"techniqueID": "T1059", "color": "#e60d0d", "score": null}, {"techniqueID": "T1078", "color": ""},
        {"techniqueID": "T1003", "color": "#fff", "enabled": false}, {"techniqueID": "T1059", "color": "#e60d0d", "tactic": "x"},
    ]);
    for domain in DOMAINS_READ {
        let draft = layer(domain, &coloured).unwrap();
        assert_eq!(said(&draft), ["-:T1059"]);
        assert!(!draft.ordered && draft.title.as_deref() == Some("mine"));
    }
    let scored = json!([{"techniqueID": "T1059", "score": 3}, {"techniqueID": "T1078", "score": 0, "color": "#fff"},
        {"techniqueID": "T1003", "score": "2"}, {"techniqueID": "T1110"}]);
    assert_eq!(said(&layer("enterprise-attack", &scored).unwrap()), ["-:T1003", "-:T1059"]);
    let unmarked = json!([{"techniqueID": "T1059"}, {"techniqueID": "T1078", "enabled": true}]);
    assert_eq!(said(&layer("enterprise-attack", &unmarked).unwrap()), ["-:T1059", "-:T1078"]);
}

const DOMAINS_READ: [&str; 2] = ["enterprise-attack", "mitre-enterprise"];

#[test]
fn what_is_no_path_is_refused_with_its_place() {
    let pointer = |text: &str| match read(text.as_bytes()).unwrap_err() {
        PathReadError::Invalid(FieldError { pointer, .. }) => pointer,
        other => format!("{other}"),
    };
    assert_eq!(pointer(r#"{"domain": "ics-attack", "techniques": []}"#), "/domain");
    assert_eq!(pointer(r#"{"techniques": []}"#), "/domain");
    assert_eq!(pointer(r#"{"techniques": 7, "domain": "enterprise-attack"}"#), "/techniques");
    assert_eq!(pointer(r#"{"type": "bundle", "objects": [{"type": "malware"}]}"#), "/objects");
    assert_eq!(
        pointer(r#"{"type": "bundle", "objects": [{"type": "attack-action", "effect_refs": [7]}]}"#),
        "/objects/0/effect_refs/0"
    );
    assert_eq!(pointer(r#"{"anything": 1}"#), "");
    assert_eq!(pointer("[]"), "");
    assert!(matches!(read(b"{\"objects\": ["), Err(PathReadError::Malformed { line: 1, .. })));
    assert_eq!(read(&vec![b' '; MAX_BYTES + 1]), Err(PathReadError::TooLarge));
}

#[test]
fn bombs_end_early() {
    let deep = format!(r#"{{"schema": "attack_flow_v2", "objects": {}"#, "[".repeat(100_000));
    assert!(matches!(read(deep.as_bytes()), Err(PathReadError::Malformed { .. })));
    let inner = format!(
        r#"{{"schema": "attack_flow_v2", "objects": [{{"id": "action", "properties": {}"#,
        "[".repeat(100_000)
    );
    assert!(read(inner.as_bytes()).is_err());
    let wide = format!(r#"{{"type": "bundle", "objects": [{}{{}}]}}"#, "{},".repeat(60_000));
    assert!(
        matches!(read(wide.as_bytes()), Err(PathReadError::Invalid(FieldError { pointer, .. })) if pointer == "/objects")
    );
    let many: Vec<serde_json::Value> =
        (0..1_100).map(|n| json!({"type": "attack-action", "id": n.to_string()})).collect();
    let objects = [vec![json!({"type": "attack-flow"})], many].concat();
    let many = json!({"type": "bundle", "objects": objects});
    assert!(read(many.to_string().as_bytes()).unwrap_err().to_string().contains("at most 1000"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_change_to_a_file_makes_it_panic(which in 0_usize..3, at in 0_usize..2_000, with in "\\PC{0,6}", cut in 0_usize..40) {
        let text = [bundle(), drawn_3(), drawn_2()][which].to_string();
        let (at, end) = (at.min(text.len()), (at + cut).min(text.len()));
        if let (Some(before), Some(after)) = (text.get(..at), text.get(end..)) {
            let _ = read(format!("{before}{with}{after}").as_bytes());
        }
    }
}
