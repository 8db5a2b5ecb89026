//! JSON exports: documents behind each other, lists, and the envelopes that REST answers put around them.

mod wanted;

use std::sync::Arc;

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use wanted::{Kept, Use, Wanted};

use crate::sources::{
    pages::Page,
    reading::{Place, ReadError, Reading, Rule},
};

pub type Object = Map<String, Value>;

/// Tells `[{"name": …` from `[stanza]` and `[[table]]`, which start with a bracket as well.
pub fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let list = |rest: &str| rest.trim_start().starts_with(['{', ']']);
    text.starts_with('{') || text.strip_prefix('[').is_some_and(list)
}

/// Every document of a text (one, or one a line) with the line that it starts on; of a [`Kept`] only what is wanted.
pub fn documents<D>(file: &Arc<str>, text: &str) -> Result<Vec<(usize, Value)>, ReadError>
where
    D: DeserializeOwned + Into<Value>,
{
    let mut documents = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<D>();
    let (mut line, mut counted) = (1, 0);
    loop {
        let end = stream.byte_offset();
        let rest = text.get(end..).unwrap_or_default();
        let start = end + rest.len() - rest.trim_start().len();
        line += text.get(counted..start).map_or(0, |passed| passed.matches('\n').count());
        counted = start;
        match stream.next() {
            Some(Ok(document)) => documents.push((line, document.into())),
            Some(Err(error)) => {
                let reason = if error.is_eof() {
                    "ends in the middle of the JSON, so the export was cut off."
                } else {
                    "is not valid JSON from here on."
                };
                return Err(ReadError::new(file, Some(error.line()).filter(|line| *line > 0), reason));
            }
            None => return Ok(documents),
        }
    }
}

/// The objects of a text that may be rules, and the extent that the lists around them tell.
#[derive(Debug, Default)]
pub struct Objects {
    pub found: Vec<(Place, Object)>,
    pub pages: Vec<Page>,
}

/// Finds every object of a text that may be a rule; of a [`Kept`] with the members that are wanted. Lists are gone through,
/// and so are the members `envelopes` of an object that has one. What is neither list nor object is passed over.
pub fn objects<D>(file: &Arc<str>, text: &str, envelopes: &[&str]) -> Result<Objects, ReadError>
where
    D: DeserializeOwned + Into<Value>,
{
    let mut all = Objects::default();
    for (line, document) in documents::<D>(file, text)? {
        let direct = document.as_object().is_some_and(|object| inner(object, envelopes).is_none());
        let from = (direct, line);
        unwrap(document, envelopes, file, from, &mut all);
    }
    Ok(all)
}

/// Adds the rules that the objects are, read in parallel and in their order; an error is what an object is instead.
pub fn rules(
    mut objects: Objects,
    reading: &mut Reading,
    rule: impl Fn(Place, Object) -> Result<Rule, &'static str> + Sync,
) {
    reading.pages.append(&mut objects.pages);
    let read: Vec<_> = objects.found.into_par_iter().map(|(place, object)| rule(place, object)).collect();
    for outcome in read {
        match outcome {
            Ok(rule) => reading.rules.push(rule),
            Err(what) => reading.skip(what),
        }
    }
}

fn inner<'e>(object: &Object, envelopes: &[&'e str]) -> Option<&'e str> {
    envelopes.iter().copied().find(|key| matches!(object.get(*key), Some(Value::Array(_) | Value::Object(_))))
}

fn unwrap(value: Value, envelopes: &[&str], file: &Arc<str>, from: (bool, usize), all: &mut Objects) {
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| unwrap(item, envelopes, file, from, all)),
        Value::Object(mut object) => match inner(&object, envelopes).and_then(|key| object.remove(key)) {
            Some(inner) => {
                let before = all.found.len();
                unwrap(inner, envelopes, file, from, all);
                all.pages.extend(Page::read(file, &object, all.found.len() - before));
            }
            None => {
                let (direct, line) = from;
                let place =
                    if direct { Place::line(file, line) } else { Place::item(file, all.found.len() + 1) };
                all.found.push((place, object));
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The text of a member, trimmed; `None` for an empty one.
pub fn text<'o>(object: &'o Object, key: &str) -> Option<&'o str> {
    object.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A switch, also one written as a text or a number.
pub fn flag(object: &Object, key: &str) -> Option<bool> {
    match object.get(key)? {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "true" | "1" | "yes" | "enabled" => Some(true),
            "false" | "0" | "no" | "disabled" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The items of a list; none of anything else.
pub fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// The texts of a list, or a text alone.
pub fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let texts = items(value).chain(value.filter(|value| value.is_string())).filter_map(Value::as_str);
    texts.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lists_and_envelopes_are_gone_through() {
        let text = "{\"a\": 1}\n\n  {\"data\": {\"objects\": [{\"a\": 2}, [{\"a\": 3}], 4]}}\n[{\"a\": 5,\n \"data\": 6}]{\"a\": 7}";
        let found = objects::<Value>(&"f".into(), text, &["data", "objects"]).unwrap().found;
        let said: Vec<String> =
            found.iter().map(|(place, object)| format!("{place} {}", object["a"])).collect();
        assert_eq!(said, ["f:1 1", "f, item 2 2", "f, item 3 3", "f, item 4 5", "f:5 7"]);
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let error = |text: &str| documents::<Value>(&"f".into(), text).unwrap_err().to_string();
        assert!(error("{}\n{\"a\": x}").starts_with("f:2: is not valid JSON"));
        assert!(error("[{}\n,").starts_with("f:2: ends in the middle"));
        assert!(error(&"[".repeat(100_000)).contains("not valid JSON"));
    }

    #[test]
    fn switches_in_every_notation() {
        let object =
            serde_json::json!({"a": true, "b": "False", "c": 0, "d": "DISABLED", "e": null, "f": "maybe"});
        let flags = ["a", "b", "c", "d", "e", "f", "g"].map(|key| flag(object.as_object().unwrap(), key));
        assert_eq!(flags, [Some(true), Some(false), Some(false), Some(false), None, None, None]);
    }
}
