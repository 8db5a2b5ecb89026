//! The REST answer of `/saved/searches` with `output_mode=json`, alone or several in one file, and the rows of
//! `| rest /servicesNS/-/-/saved/searches` exported as CSV or JSON, also with `| tojson`.

use std::{convert::Infallible, sync::Arc};

use serde_json::Value;

use super::saved_search::{Settings, rule};
use crate::sources::{
    formats::{
        json::{self, Kept, Object, Objects, Use, Wanted},
        table, text,
    },
    pages::Page,
    reading::{Place, ReadError, Reading},
};

/// Recognises a JSON text that is this answer.
pub fn recognises(text: &str) -> bool {
    // The second is JSON in a string, as `| tojson` leaves it.
    let has = |key: &str| text::has(text, &format!("\"{key}\"")) || text::has(text, &format!("\"{key}\\\""));
    let answer = has("entry") && has("content");
    let rows = has("title") && has("search") && (has("is_scheduled") || text::has(text, "\"action."));
    (answer || rows) && !has("techniqueID")
}

/// Reads every saved search of the file.
pub fn read(file: &Arc<str>, text: &str) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    let mut answers = 0;
    let mut objects = Objects::default();
    for (_, document) in json::documents::<Kept<Members>>(file, text)? {
        answers += usize::from(document.get("entry").is_some());
        let paging = document.get("paging").and_then(Value::as_object).cloned();
        // A search that was still running when its rows were exported.
        let preview = document.get("preview") == Some(&Value::Bool(true));
        let before = objects.found.len();
        entries(document, &mut |entry| {
            objects.found.push((Place::item(file, objects.found.len() + 1), entry));
        });
        let items = objects.found.len() - before;
        objects.pages.extend(paging.and_then(|paging| Page::read(file, &paging, items)));
        if preview {
            objects.pages.push(Page { more: true, ..Page::of(file, items) });
        }
    }
    json::rules(objects, &mut reading, |place, entry| {
        let (name, settings) = saved_search(entry).ok_or("not_a_rule")?;
        Ok(rule(&name, place, &settings))
    });
    if reading.rules.is_empty() && answers == 0 {
        let reason =
            "holds no saved searches: export /services/saved/searches with output_mode=json&count=0.";
        return Err(ReadError::new(file, None, reason));
    }
    Ok(reading)
}

/// Recognises the headings of rows exported as CSV.
pub fn is_table(headings: &[String]) -> bool {
    let has = |names: &[&str]| table::has(headings, names);
    has(&["title"])
        && has(&["search", "qualifiedsearch"])
        && (has(TELLING) || headings.iter().any(|h| h.starts_with("action_")))
}

/// Headings beside title and search that only saved searches have.
const TELLING: &[&str] =
    &["is_scheduled", "disabled", "actions", "cron_schedule", "eai_acl_app", "alert_type"];

/// Reads the rows of a table.
pub fn table(file: &Arc<str>, text: &str) -> Reading {
    let mut reading = Reading::default();
    let read: Result<(), Infallible> = table::rows(text, |row| {
        let named = |(name, value): (&str, &str)| {
            (is_setting(name) && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        };
        let settings: Settings = row.named_fields().filter_map(named).collect();
        match settings.get("title").cloned() {
            Some(title) => reading.rules.push(rule(&title, Place::line(file, row.line()), &settings)),
            None => reading.skip("not_a_rule"),
        }
        Ok(())
    });
    let Ok(()) = read;
    reading
}

/// The settings that are read, of the hundreds that a saved search has.
struct Members;

impl Wanted for Members {
    fn of(key: &str) -> Use {
        match key {
            "entry" | "results" | "result" | "rows" | "content" => Use::Inside,
            // The app of an entry, and the pages of an answer.
            "acl" | "paging" => Use::Inside,
            _ if is_setting(key) => Use::Whole,
            _ => Use::Nothing,
        }
    }
}

/// Returns true for a setting that is read.
fn is_setting(key: &str) -> bool {
    match key.strip_prefix("action.") {
        Some(action) => {
            !action.contains('.') || action.starts_with("correlationsearch.") || action.starts_with("escu.")
        }
        None => MEMBERS.contains(&key),
    }
}

const MEMBERS: [&str; 17] = [
    "_raw",
    "actions",
    "app",
    "eai:acl.app",
    "eai:appName",
    "preview",
    "total",
    "updated",
    "alert.track",
    "data_source",
    "disabled",
    "enableSched",
    "is_scheduled",
    "name",
    "qualifiedSearch",
    "search",
    "title",
];

/// Calls `with` for everything in the document that may be a saved search.
fn entries(document: Value, with: &mut impl FnMut(Object)) {
    match document {
        Value::Array(items) => items.into_iter().for_each(|item| entries(item, with)),
        Value::Object(mut members) => {
            let lists: &[&str] =
                if members.contains_key("content") { &[] } else { &["entry", "results", "result", "rows"] };
            let inner = lists.iter().find_map(|key| members.remove(*key));
            let raw = |members: &Object| match serde_json::from_str::<Kept<Members>>(
                members.get("_raw")?.as_str()?,
            )
            .ok()?
            .into()
            {
                Value::Object(raw) => Some(raw),
                _ => None,
            };
            match inner {
                Some(inner) => entries(inner, with),
                None => with(raw(&members).unwrap_or(members)),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn saved_search(mut entry: Object) -> Option<(String, Settings)> {
    let name = ["name", "title"].iter().find_map(|key| Some(entry.get(*key)?.as_str()?.to_owned()));
    let app = entry.get("acl").and_then(|acl| acl.get("app")).cloned();
    let updated = entry.get("updated").cloned();
    let mut content = match entry.remove("content") {
        Some(Value::Object(content)) => content,
        _ => entry,
    };
    for (key, value) in [("app", app), ("updated", updated)] {
        if let Some(value) = value {
            content.insert(key.to_owned(), value);
        }
    }
    let telling = ["search", "qualifiedSearch", "action.correlationsearch.annotations", "is_scheduled"];
    telling
        .iter()
        .any(|key| content.contains_key(*key))
        .then(|| (name.unwrap_or_default(), settings(content)))
}

/// Values as the conf file would write them: REST has booleans and numbers where a row has texts.
fn settings(content: Object) -> Settings {
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Null | Value::Object(_) => None,
        other => Some(other.to_string()),
    };
    content.into_iter().filter_map(|(key, value)| Some((key, text(value)?))).collect()
}
