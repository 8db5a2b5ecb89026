//! The REST answer of `/saved/searches` with `output_mode=json`, alone or several in one file, and the rows of
//! `| rest /servicesNS/-/-/saved/searches` exported as JSON, also with `| tojson`.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Settings, rule};
use crate::sources::{Place, ReadError, Reading, json};

/// Whether a JSON text is this answer.
pub fn recognises(text: &str) -> bool {
    // The second is JSON in a string, as `| tojson` leaves it.
    let has = |key: &str| text.contains(&format!("\"{key}\"")) || text.contains(&format!("\"{key}\\\""));
    let answer = has("entry") && has("content");
    let rows = has("title") && has("search") && (has("is_scheduled") || text.contains("\"action."));
    (answer || rows) && !has("techniqueID")
}

/// Reads every saved search of the file.
pub fn read(file: &Arc<str>, text: &str) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    let mut item = 0;
    let mut answers = 0;
    for (_, document) in json::documents(file, text)? {
        answers += usize::from(document.get("entry").is_some());
        entries(document, &mut |entry| {
            item += 1;
            match saved_search(entry) {
                Some((name, settings)) => {
                    reading.rules.push(rule(&name, Place::item(file, item), &settings));
                }
                None => reading.skip("not_a_rule"),
            }
        });
    }
    if reading.rules.is_empty() && answers == 0 {
        let reason =
            "holds no saved searches: export /services/saved/searches with output_mode=json&count=0.";
        return Err(ReadError::new(file, None, reason));
    }
    Ok(reading)
}

/// Calls `with` for everything in the document that may be a saved search.
fn entries(document: Value, with: &mut impl FnMut(Map<String, Value>)) {
    match document {
        Value::Array(items) => items.into_iter().for_each(|item| entries(item, with)),
        Value::Object(mut members) => {
            let lists: &[&str] =
                if members.contains_key("content") { &[] } else { &["entry", "results", "result", "rows"] };
            let inner = lists.iter().find_map(|key| members.remove(*key));
            let raw = || serde_json::from_str(members.get("_raw")?.as_str()?).ok();
            match inner {
                Some(inner) => entries(inner, with),
                None => with(raw().unwrap_or(members)),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn saved_search(mut entry: Map<String, Value>) -> Option<(String, Settings)> {
    let name = ["name", "title"].iter().find_map(|key| Some(entry.get(*key)?.as_str()?.to_owned()));
    let content = match entry.remove("content") {
        Some(Value::Object(content)) => content,
        _ => entry,
    };
    let telling = ["search", "qualifiedSearch", "action.correlationsearch.annotations", "is_scheduled"];
    telling
        .iter()
        .any(|key| content.contains_key(*key))
        .then(|| (name.unwrap_or_default(), settings(content)))
}

/// Values as the conf file would write them: REST has booleans and numbers where a row has texts.
fn settings(content: Map<String, Value>) -> Settings {
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    };
    content.into_iter().filter_map(|(key, value)| Some((key, text(value)?))).collect()
}
