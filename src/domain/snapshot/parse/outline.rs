//! The outline of a snapshot: its members and no others, and no text longer than a name. What departs from it is some other
//! file, which its owner doesn't mean to send.

use serde_json::Value;

use super::grammar::{CELL, Form, Member, SNAPSHOT};
use crate::domain::snapshot::content::SCHEMA;

/// The most bytes of a text in a snapshot: technology names are the longest.
const LONGEST: usize = 64;

/// Returns where a text departs from the outline of a snapshot, as a sentence; `None` if it doesn't. Values are not checked.
pub fn departure(text: &str) -> Option<String> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Some("It is no JSON.".to_owned()) };
    if value.get("schema").and_then(Value::as_str) != Some(SCHEMA) {
        return Some(format!("It doesn't say \"schema\": \"{SCHEMA}\"."));
    }
    let place = beyond(&value, SNAPSHOT)?;
    Some(format!("No snapshot has {place}."))
}

/// The pointer of something in an object that no snapshot has.
fn beyond(value: &Value, members: &[Member]) -> Option<String> {
    // Whatever is no object has no members, and the service says so.
    let object = value.as_object()?;
    object.iter().find_map(|(name, value)| {
        let Some(member) = members.iter().find(|member| member.name == name) else {
            return Some(format!("/{}", name.chars().take(LONGEST).collect::<String>()));
        };
        let inside = match (member.form, value) {
            (Form::Object(members), _) => beyond(value, members),
            (Form::Cells, Value::Array(cells)) => (0..).zip(cells).find_map(|(at, cell)| {
                let inside = beyond(cell, CELL).or_else(|| (!cell.is_object()).then(String::new))?;
                Some(format!("/{at}{inside}"))
            }),
            (_, Value::Array(items)) => {
                (0..).zip(items).find_map(|(at, item)| (!is_name(item)).then(|| format!("/{at}")))
            }
            _ => (!is_name(value)).then(String::new),
        };
        inside.map(|inside| format!("/{name}{inside}"))
    })
}

/// Returns true for a value that says no more than a name or a number does.
fn is_name(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() <= LONGEST && !text.contains(char::is_whitespace),
        Value::Array(_) | Value::Object(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn snapshot() -> Value {
        json!({
            "schema": "coverage-snapshot/1", "period": "2026-10",
            "attack": {"domain": "enterprise-attack", "version": "18.1"},
            "producer": {"source": "splunk", "feed": 1, "adapter": "0.1.0"},
            "basis": "deployed", "window_days": 180, "scale": "rule-count/1",
            "technologies": ["microsoft.windows"], "complete": [],
            "cells": [{"technique": "T1059.001", "technology": "microsoft.windows", "value": 500}],
        })
    }

    #[test]
    fn a_snapshot_is_recognised_whatever_its_values() {
        assert_eq!(departure(&snapshot().to_string()), None);
    }

    #[test]
    fn whatever_could_tell_more_is_found() {
        let with = |change: &dyn Fn(&mut Value)| {
            let mut other = snapshot();
            change(&mut other);
            departure(&other.to_string()).unwrap()
        };
        assert_eq!(with(&|other| other["host"] = "dc01".into()), "No snapshot has /host.");
        assert_eq!(with(&|other| other["cells"][0]["rule"] = 1.into()), "No snapshot has /cells/0/rule.");
        assert_eq!(with(&|other| other["cells"][0] = "x".into()), "No snapshot has /cells/0.");
        assert_eq!(with(&|other| other["basis"] = "our rules".into()), "No snapshot has /basis.");
        assert_eq!(
            with(&|other| other["technologies"][0] = "a b".into()),
            "No snapshot has /technologies/0."
        );
        assert_eq!(with(&|other| other["attack"]["x"] = 1.into()), "No snapshot has /attack/x.");
        assert_eq!(
            with(&|other| other["producer"]["adapter"] = "0".repeat(65).into()),
            "No snapshot has /producer/adapter."
        );
        assert!(with(&|other| other["schema"] = 1.into()).contains("schema"));
        assert_eq!(departure("# A readme").unwrap(), "It is no JSON.");
        assert!(departure("[1]").is_some());
    }
}
