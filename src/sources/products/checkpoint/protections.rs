//! IPS protections as `show-threat-protections` answers: a protection in Detect or Prevent runs, and what it is for
//! is a CVE.

use std::sync::Arc;

use serde_json::Value;

use crate::sources::{
    cve,
    formats::json::items,
    reading::{Enabled, Place, Rule},
    technique_ids::Mentions,
};

/// Recognises a JSON text that is such an answer.
pub fn recognises(text: &str) -> bool {
    crate::sources::formats::text::has(text, "\"threat-protection\"")
        || (crate::sources::formats::text::has(text, "\"protections\"")
            && crate::sources::formats::text::has(text, "\"profiles\""))
}

pub fn is_protection(entry: &Value) -> bool {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    text("type") == Some("threat-protection") || (text("name").is_some() && has_profiles(entry))
}

pub fn has_profiles(entry: &Value) -> bool {
    entry.get("profiles").is_some_and(Value::is_array)
}

/// Each profile's name and what it does with the protection.
pub fn profiles(protection: &Value) -> impl Iterator<Item = (&str, &str)> {
    items(protection.get("profiles")).map(|profile| {
        let action = ["final", "override", "default"].iter().find_map(|key| profile.get(*key)?.get("action"));
        (text(profile.get("name")), text(action))
    })
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// The protection as a rule; its CVEs stand among the names of its techniques until a table replaces them.
pub fn rule(file: &Arc<str>, item: usize, protection: &Value) -> Rule {
    let references = protection.get("industry-reference").or_else(|| protection.get("industryReference"));
    let references = items(references).chain(references);
    let mut techniques = Mentions::default();
    for text in references.filter_map(Value::as_str).chain([text(protection.get("name"))]) {
        techniques.names.extend(cve::find(text));
    }
    let runs = |action: &str| ["prevent", "detect"].iter().any(|on| action.eq_ignore_ascii_case(on));
    let runs = profiles(protection).any(|(_, action)| runs(action));
    Rule {
        id: Some(text(protection.get("uid"))).filter(|uid| !uid.is_empty()).map(str::to_owned),
        enabled: Enabled::from(Some(runs)),
        techniques,
        sources: vec!["blade:IPS".to_owned()],
        ..Rule::new(text(protection.get("name")), Place::item(file, item))
    }
}
