//! The OpenAPI document: the committed one is the program's, and every operation says what it needs and what it answers.

mod described;
mod examples;

use serde_json::Value;

use crate::support::contract::CONTRACT;

/// Operations that need no token, by id. A new one must be put here on purpose.
const PUBLIC: &[&str] = &[
    "authorization_server",
    "issue_token",
    "jwks",
    "list_groups",
    "list_scales",
    "list_tactics",
    "list_techniques",
    "list_technologies",
    "list_versions",
    "live",
    "openapi",
    "read_catalogue",
    "read_index",
    "read_privacy",
    "read_schema",
    "read_technique",
    "ready",
];

fn document() -> Value {
    serde_json::from_str(&peerbench::http::openapi::json().unwrap()).unwrap()
}

/// (method and path, operation)
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            all.push((format!("{method} {path}"), operation));
        }
    }
    all
}

#[test]
fn the_committed_document_is_current() {
    let committed = include_str!("../../openapi/openapi.json");
    let current = peerbench::http::openapi::json().unwrap();
    assert!(
        committed == current,
        "openapi/openapi.json is out of date: `cargo run -- openapi > openapi/openapi.json`"
    );
}

#[test]
fn every_operation_has_an_id_of_its_own_a_tag_and_a_summary() {
    let document = document();
    let mut seen = std::collections::BTreeSet::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(seen.insert(id.to_owned()), "{id} is there twice");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}: tags");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 3), "{name}: summary");
    }
}

#[test]
fn every_operation_says_who_may_call_it() {
    let document = document();
    let scopes = &document["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["scopes"];
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        let security = operation["security"].as_array().map_or(&[][..], Vec::as_slice);
        let named: Vec<&Value> =
            security.iter().flat_map(|one| one["oauth"].as_array().into_iter().flatten()).collect();
        if PUBLIC.contains(&id) {
            assert!(security.is_empty(), "{name} is on the public list but asks for a token");
        } else {
            assert_eq!(named.len(), 1, "{name} needs one scope, or a place on the public list");
            assert!(scopes.get(named[0].as_str().unwrap()).is_some(), "{name}: unknown scope {}", named[0]);
        }
    }
}

#[test]
fn every_response_is_described_and_every_failure_is_a_problem() {
    let document = document();
    for (name, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        for (status, response) in responses {
            let response = CONTRACT.resolve(response);
            let at = format!("{name} {status}");
            assert!(response["description"].as_str().is_some_and(|text| text.len() > 3), "{at}: description");
            if status.starts_with(['4', '5']) {
                let content = response["content"].as_object().unwrap_or_else(|| panic!("{at}: no content"));
                // OAuth libraries read OAuth's own form of refusal.
                let oauth = name == "post /oauth/token" && ["400", "401"].contains(&status.as_str());
                let expected: &[&str] = match (oauth, status.as_str()) {
                    (false, _) => &["application/problem+json"],
                    (true, "400") => &["application/json", "application/problem+json"],
                    (true, _) => &["application/json"],
                };
                assert_eq!(content.keys().collect::<Vec<_>>(), expected, "{at}");
            }
        }
        let secured = operation["security"].as_array().is_some_and(|security| !security.is_empty());
        for status in ["401", "403"] {
            assert!(
                !secured || responses.contains_key(status),
                "{name} does not say when it answers {status}"
            );
        }
        assert!(
            !name.contains('{') || responses.contains_key("404"),
            "{name} does not say when it answers 404"
        );
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 10);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads out"));
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}
