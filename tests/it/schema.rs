//! The published JSON Schema of snapshots says what the parser does: on everything that a schema can say, both agree.

use jsonschema::Validator;
use peerbench::domain::{
    attack::Catalogues,
    calendar::Month,
    snapshot::{Context, parse},
    technology,
};
use serde_json::{Value, json};

fn sample() -> Value {
    json!({
        "schema": "coverage-snapshot/1", "period": "2026-11",
        "attack": {"domain": "enterprise-attack", "version": "18.1"},
        "producer": {"source": "splunk", "feed": 1, "adapter": "0.1.0"},
        "basis": "deployed", "window_days": 180, "scale": "rule-count/1",
        "technologies": ["microsoft.windows", "aws.cloudtrail", "crowdstrike.falcon", "other.unknown"],
        "complete": ["microsoft.windows", "aws.cloudtrail"],
        "cells": [
            {"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
            {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"},
        ],
    })
}

fn parses(snapshot: &Value) -> bool {
    let catalogues = Catalogues::bundled();
    let context = Context {
        catalogues: &catalogues,
        registry: technology::bundled(),
        current: Month::new(2026, 11).unwrap(),
    };
    parse(snapshot.to_string().as_bytes(), context).is_ok()
}

fn schema() -> Validator {
    let schema = serde_json::from_str(include_str!("../../openapi/coverage-snapshot-1.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// The sample with one place changed; `null` removes it.
fn with(pointer: &str, value: Value) -> Value {
    let mut changed = sample();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match changed.pointer_mut(parent).unwrap() {
        Value::Object(object) if value.is_null() => drop(object.remove(key)),
        Value::Object(object) => drop(object.insert(key.to_owned(), value)),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        _ => unreachable!("{pointer}"),
    }
    changed
}

#[test]
fn schema_and_parser_agree() {
    let schema = schema();
    let cases = [
        (sample(), true),
        (with("/window_days", Value::Null), true),
        (with("/cells", json!([])), true),
        (with("/complete", json!([])), true),
        (with("/cells/0/value", json!(0)), true),
        (with("/cells/0/value", json!(20)), true),
        (with("/producer/feed", json!(99)), true),
        (with("/schema", json!("coverage-snapshot/2")), false),
        (with("/comment", json!("free text")), false),
        (with("/attack/name", json!("free text")), false),
        (with("/producer/host", json!("srv-1")), false),
        (with("/cells/0/rule", json!("My rule")), false),
        (with("/period", json!("2026-13")), false),
        (with("/period", json!("2026-11-24")), false),
        (with("/period", json!(202_611)), false),
        (with("/attack/domain", json!("ics-attack")), false),
        (with("/attack/version", json!("18")), false),
        (with("/producer/source", json!("qradar")), false),
        (with("/producer/feed", json!(0)), false),
        (with("/producer/feed", json!(100)), false),
        (with("/producer/feed", json!(1.5)), false),
        (with("/producer/adapter", json!("v1")), false),
        (with("/basis", json!("hoped")), false),
        (with("/window_days", json!(0)), false),
        (with("/window_days", json!(3661)), false),
        (with("/scale", json!("stars/1")), false),
        (with("/technologies/3", json!("Splunk Enterprise")), false),
        (with("/technologies/3", json!("aws.cloudtrail")), false),
        (with("/complete/0", json!("other.unknown")), false),
        (with("/cells/0/technique", json!("t1059")), false),
        (with("/cells/0/technique", json!("T1059.000")), false),
        (with("/cells/0/technique", Value::Null), false),
        (with("/cells/0/technology", Value::Null), false),
        (with("/cells/0/value", json!(21)), false),
        (with("/cells/0/value", json!(-1)), false),
        (with("/cells/0/value", json!(2.5)), false),
        (with("/cells/0/value", json!("many")), false),
        (with("/cells/0/value", Value::Null), false),
        (with("/cells/0/state", json!("not_assessed")), false),
        (with("/cells/1/state", json!("unknown")), false),
        (with("/cells/0", json!("T1059.001")), false),
        (json!([]), false),
        (json!("snapshot"), false),
    ];
    for (snapshot, valid) in cases {
        assert_eq!(parses(&snapshot), valid, "the parser on {snapshot}");
        assert_eq!(schema.is_valid(&snapshot), valid, "the schema on {snapshot}");
    }
    for member in sample().as_object().unwrap().keys().filter(|key| *key != "window_days") {
        let snapshot = with(&format!("/{member}"), Value::Null);
        assert!(!parses(&snapshot) && !schema.is_valid(&snapshot), "without {member}");
    }
}

#[test]
fn values_are_those_of_their_scale() {
    let schema = schema();
    let (numbers, words) = (
        [-2, -1, 0, 5, 6, 20, 21, 100, 101].map(Value::from),
        ["none", "logged", "alerted", "blocked", "partial", "full", ""].map(Value::from),
    );
    for scale in ["rule-count/1", "percent/1", "dettect/1", "outcome/1", "partial-full/1"] {
        for basis in ["deployed", "validated", "observed"] {
            for value in numbers.iter().chain(&words) {
                let mut snapshot = with("/cells/0/value", value.clone());
                snapshot["scale"] = scale.into();
                snapshot["basis"] = basis.into();
                assert_eq!(schema.is_valid(&snapshot), parses(&snapshot), "{scale} {basis} {value}");
            }
        }
    }
}

#[test]
fn every_source_and_basis_is_in_the_schema() {
    use peerbench::domain::snapshot::{Basis, Source};
    let schema = schema();
    for source in Source::ALL {
        assert!(schema.is_valid(&with("/producer/source", json!(source.name()))), "{source}");
    }
    for basis in Basis::ALL {
        assert!(schema.is_valid(&with("/basis", json!(basis.name()))), "{basis}");
    }
}
