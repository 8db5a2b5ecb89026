//! Files that are no export of any product, told by their look, so that a message can say what to do.

use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{
    formats::{json, text},
    pages::Page,
};

/// Larger than any error that an interface answers.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// A file that is something else than an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The reason why it isn't read, and what to do.
    pub complaint: &'static str,
    /// An export was asked for and this came instead, so that rules are missing.
    pub failed: bool,
}

/// Returns the look of a file that somebody took for an export; `None` for a file that may be anything.
pub fn look(text: &str) -> Option<Look> {
    let start: String = text.trim_start().chars().take(200).collect::<String>().to_lowercase();
    let failed = |complaint| Some(Look { complaint, failed: true });
    let other = |complaint| Some(Look { complaint, failed: false });
    if start.is_empty() {
        return other("is empty: export again.");
    }
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return failed("is a web page (perhaps a sign-in page), not an export: sign in and export again.");
    }
    if start.starts_with('<') {
        let head: String = text.chars().take(2000).collect();
        return match start.contains("<feed") || head.contains("http://www.w3.org/2005/Atom") {
            true => failed(
                "is an Atom feed in XML, Splunk's default: request it again with output_mode=json&count=0.",
            ),
            false => other("is XML, which is not supported: export as JSON, CSV or YAML."),
        };
    }
    if !json::is_json(text) {
        return None;
    }
    if text::has(text, "\"coverage-snapshot/1\"") {
        return other("is already a snapshot: upload it with `peerbench snapshot upload`.");
    }
    if text::has(text, "\"attack-pattern\"") && text::has(text, "\"bundle\"") {
        return other("is an ATT&CK bundle, not rules: `peerbench catalogue import` reads it.");
    }
    if text::has(text, "\"attack_flow_v") || text::has(text, "\"attack-flow\"") {
        return other("is an Attack Flow, not rules: `peerbench paths FILE` reads it.");
    }
    let cut_off = |error: serde_json::Error| error.is_eof();
    if serde_json::from_str::<IgnoredAny>(text).is_err_and(cut_off) {
        return failed("ends in the middle of the JSON, so the export was cut off: export again.");
    }
    if text.len() > MAX_ERROR_BYTES {
        return None;
    }
    let failed = error(&serde_json::from_str(text).ok()?)?;
    Some(Look {
        complaint: "is an API error, not an export: read its message, sign in or correct the URL, and export again.",
        failed,
    })
}

/// Tells an answer that says that something is wrong: `Some(true)` if it can be nothing else.
fn error(answer: &Value) -> Option<bool> {
    let members = answer.as_object()?;
    let filled = |key: &str| match members.get(key) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(_) | Value::String(_) | Value::Bool(true)) => true,
        _ => false,
    };
    let message = |item: &Value| item.get("type").is_some() && item.get("text").is_some();
    let messages =
        members.get("messages").and_then(Value::as_array).is_some_and(|all| all.iter().any(message));
    let code = ["statusCode", "status", "code"]
        .iter()
        .any(|key| members.get(*key).and_then(Value::as_u64).is_some_and(|code| (400..600).contains(&code)));
    let said = members
        .get("error")
        .is_some_and(|error| ["code", "message"].iter().any(|key| error.get(key).is_some()));
    if messages || code || said {
        return Some(true);
    }
    let any = ["error", "errors", "err_code", "fault", "Error", "Message"].iter().any(|key| filled(key));
    (any || members.contains_key("message") && members.len() <= 4).then_some(false)
}

/// Members in which interfaces hold the items of a page.
const ITEMS: [&str; 7] = ["value", "objects", "data", "rules", "entry", "results", "resources"];

/// Returns the extent that a page without items states, for a text that has no look. Some interfaces end a list with such a
/// page, and nothing in it says whose list it is.
pub fn empty_page(file: &Arc<str>, text: &str) -> Option<Page> {
    if text.len() > MAX_ERROR_BYTES || !json::is_json(text) {
        return None;
    }
    let answer = match serde_json::from_str(text).ok()? {
        Value::Array(items) => return items.is_empty().then(|| Page::of(file, 0)),
        Value::Object(answer) => answer,
        _ => return None,
    };
    // Some interfaces wrap the page.
    let inner = ["data", "reply"].iter().find_map(|key| answer.get(*key)?.as_object());
    let page = inner.unwrap_or(&answer);
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    let has_none = ITEMS.iter().any(|key| page.get(*key).is_some_and(is_empty));
    let has_some = page.values().chain(answer.values()).any(|value| value.is_array() && !is_empty(value));
    let extent = answer.get("paging").and_then(Value::as_object).unwrap_or(page);
    (has_none && !has_some).then(|| Page::read(file, extent, 0).unwrap_or_else(|| Page::of(file, 0)))
}

/// Returns the form of a text that is none of the known ones.
pub fn form(text: &str) -> &'static str {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let columns = [',', ';', '\t'].iter().any(|delimiter| first.matches(*delimiter).count() > 0);
    match () {
        () if json::is_json(text) => "JSON",
        () if first.starts_with("---") || first.contains(": ") || first.ends_with(':') => "YAML or a text",
        () if columns => "a table",
        () => "a text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_for_an_export_is_named() {
        for (text, said) in [
            ("", "empty"),
            ("\n<!DOCTYPE html><html>", "web page"),
            ("<?xml version='1.0'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>", "output_mode=json"),
            ("<?xml version='1.0'?><rules/>", "XML"),
            (r#"{"messages": [{"type": "WARN", "text": "no"}]}"#, "an API error"),
            (r#"{"error": {"code": "ExpiredToken"}}"#, "an API error"),
            (r#"{"statusCode": 401, "message": "no"}"#, "an API error"),
            (r#"{"a": [1, "#, "ends in the middle"),
            (r#"{"schema": "coverage-snapshot/1"}"#, "snapshot upload"),
            (r#"{"schema": "attack_flow_v2", "objects": []}"#, "`peerbench paths FILE`"),
            (r#"{"type": "bundle", "objects": [{"type": "attack-flow"}]}"#, "`peerbench paths FILE`"),
        ] {
            let look = look(text).unwrap();
            assert!(look.complaint.contains(said), "{text}: {look:?}");
            assert_eq!(
                look.failed,
                ["web", "output", "an API error", "ends"].iter().any(|w| said.starts_with(w)),
                "{text}"
            );
        }
        let page = |text: &str| empty_page(&"a".into(), text);
        for text in [
            r#"{"value": []}"#,
            r#"{"value": [], "nextLink": null}"#,
            r#"{"data": {"objects": [], "total": 500, "hasNextPage": false}, "errors": []}"#,
            r#"{"page": 3, "perPage": 100, "total": 200, "data": []}"#,
            r#"{"reply": {"total_count": 0, "result_count": 0, "objects": []}}"#,
            r#"{"links": {}, "origin": "x", "entry": [], "paging": {"total": 30, "offset": 30}, "messages": []}"#,
            "[]",
        ] {
            assert!(page(text).is_some_and(|page| page.items == 0 && !page.more), "{text}");
        }
        for text in
            ["{}", r#"{"value": [1]}"#, r#"{"value": [], "rules": [1]}"#, r#"{"other": []}"#, "[1]", "value:"]
        {
            assert_eq!(page(text), None, "{text}");
        }
        for text in ["title: A", "a,b\n1,2", "[]", r#"{"a": 1}"#, r#"{"messages": [], "rows": []}"#] {
            assert_eq!(look(text), None, "{text}");
        }
    }
}
