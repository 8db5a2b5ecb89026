//! Parsing and validation in one walk over the JSON text: every error with its JSON pointer, nothing kept of what is
//! not in the allow-list. Messages never repeat a value, so that a refused snapshot leaves no trace of its content.

mod quick;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{AdapterVersion, Basis, Cell, CellValue, DOMAIN, Header, Producer, SCHEMA, Snapshot, Source};
use crate::domain::{
    attack::{AttackVersion, Catalogues, TechniqueId},
    calendar::Month,
    json_pointer,
    scale::Scale,
    technology::{Registry, TechnologyRef},
};

/// More cells than all techniques of all technologies that one organisation plausibly runs.
pub const MAX_CELLS: usize = 50_000;
pub const MAX_TECHNOLOGIES: usize = 200;
/// A hostile body could otherwise make the answer larger than itself.
const MAX_ERRORS: usize = 200;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901 pointer into the snapshot; empty for the whole document.
    pub pointer: String,
    /// What is wrong and what is expected.
    pub detail: String,
}

/// What a snapshot is checked against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub catalogues: &'a Catalogues,
    pub registry: &'a Registry,
    /// The running month: a later period is refused.
    pub current: Month,
}

/// The outcome: a snapshot, or everything that is wrong with it.
pub type Parsed = Result<Snapshot, Vec<FieldError>>;

/// Reads a snapshot. `text` is the whole document; its size has been bounded by the caller.
pub fn parse(text: &[u8], context: Context<'_>) -> Parsed {
    match quickly(text, context) {
        Some(snapshot) => Ok(snapshot),
        None => thoroughly(text, context),
    }
}

/// A snapshot in which nothing is wrong or unusual.
fn quickly(text: &[u8], context: Context<'_>) -> Option<Snapshot> {
    let text: quick::Text<'_> = serde_json::from_slice(text).ok()?;
    let mut walk = Walk { errors: Vec::new(), left_out: 0 };
    let snapshot = document(&text.object, Some(&text.cells), context, &mut walk);
    snapshot.filter(|_| walk.errors.is_empty())
}

fn thoroughly(text: &[u8], context: Context<'_>) -> Parsed {
    let mut walk = Walk { errors: Vec::new(), left_out: 0 };
    let snapshot = match serde_json::from_slice::<Value>(text) {
        Ok(Value::Object(object)) => document(&object, None, context, &mut walk),
        Ok(_) => walk.refuse("", "a snapshot is a JSON object"),
        Err(error) => {
            let place = format!("not valid JSON at line {}, column {}", error.line(), error.column());
            walk.refuse("", place)
        }
    };
    if walk.left_out > 0 {
        let detail = format!("{} more errors are left out here", walk.left_out);
        walk.errors.push(FieldError { pointer: String::new(), detail });
    }
    match snapshot {
        Some(snapshot) if walk.errors.is_empty() => Ok(snapshot),
        _ => Err(walk.errors),
    }
}

struct Walk {
    errors: Vec<FieldError>,
    left_out: usize,
}

impl Walk {
    fn refuse<T>(&mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Option<T> {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        } else {
            self.left_out += 1;
        }
        None
    }

    /// The members of `object` beside `known` are refused one by one; those of `required` must be there.
    fn members(&mut self, object: &Map<String, Value>, at: &str, required: &[&str], optional: &[&str]) {
        for key in
            object.keys().filter(|key| !required.contains(&key.as_str()) && !optional.contains(&key.as_str()))
        {
            let expected = [required, optional].concat().join(", ");
            // The name of an unknown member is the producer's own text: cut, so that no document hides in an error.
            let name: String = key.chars().take(40).collect();
            let pointer = format!("{at}{}", json_pointer::member(&name));
            self.refuse::<()>(pointer, format!("unknown field: only {expected} are allowed"));
        }
        for key in required.iter().filter(|key| !object.contains_key(**key)) {
            self.refuse::<()>(format!("{at}/{key}"), "required field is missing");
        }
    }

    /// A text that `parse` understands; a missing member has been reported already.
    fn text<T, E: ToString>(
        &mut self,
        object: &Map<String, Value>,
        at: &str,
        key: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let pointer = format!("{at}/{key}");
        match object.get(key)? {
            Value::String(text) => match parse(text) {
                Ok(value) => Some(value),
                Err(error) => self.refuse(pointer, error.to_string()),
            },
            _ => self.refuse(pointer, "must be a string"),
        }
    }

    fn integer(
        &mut self,
        object: &Map<String, Value>,
        at: &str,
        key: &str,
        low: u16,
        high: u16,
    ) -> Option<u16> {
        let value = object.get(key)?;
        let number = value.as_u64().and_then(|n| u16::try_from(n).ok()).filter(|n| (low..=high).contains(n));
        number.or_else(|| {
            self.refuse(format!("{at}/{key}"), format!("must be an integer from {low} to {high}"))
        })
    }

    fn object<'v>(&mut self, object: &'v Map<String, Value>, key: &str) -> Option<&'v Map<String, Value>> {
        match object.get(key)? {
            Value::Object(inner) => Some(inner),
            _ => self.refuse(format!("/{key}"), "must be an object"),
        }
    }

    fn array<'v>(&mut self, object: &'v Map<String, Value>, key: &str, most: usize) -> Option<&'v [Value]> {
        match object.get(key)? {
            Value::Array(items) if items.len() <= most => Some(items),
            Value::Array(_) => self.refuse(format!("/{key}"), format!("has more than {most} items")),
            _ => self.refuse(format!("/{key}"), "must be an array"),
        }
    }
}

fn literal(expected: &'static str) -> impl Fn(&str) -> Result<(), String> {
    move |text| if text == expected { Ok(()) } else { Err(format!("must be \"{expected}\"")) }
}

/// `read` are the cells, where they were read already.
fn document(
    object: &Map<String, Value>,
    read: Option<&[quick::WireCell<'_>]>,
    context: Context<'_>,
    walk: &mut Walk,
) -> Option<Snapshot> {
    let required =
        ["schema", "period", "attack", "producer", "basis", "scale", "technologies", "complete", "cells"];
    walk.members(object, "", &required, &["window_days"]);
    walk.text(object, "", "schema", literal(SCHEMA));
    let period = walk.text(object, "", "period", |text| {
        let month: Month = text.parse().map_err(|_| "must be a month as in 2026-11".to_owned())?;
        if month > context.current { Err("is in the future".to_owned()) } else { Ok(month) }
    });
    let attack = walk.object(object, "attack").and_then(|attack| {
        walk.members(attack, "/attack", &["domain", "version"], &[]);
        walk.text(attack, "/attack", "domain", literal(DOMAIN));
        walk.text(attack, "/attack", "version", |text| {
            let known = || {
                let versions: Vec<String> = context.catalogues.versions().map(|v| v.to_string()).collect();
                format!("unknown ATT&CK version: this service has {}", versions.join(", "))
            };
            let version: AttackVersion = text.parse().map_err(|_| known())?;
            context.catalogues.get(version).map(|_| version).ok_or_else(known)
        })
    });
    let producer = walk.object(object, "producer").and_then(|producer| {
        walk.members(producer, "/producer", &["source", "feed", "adapter"], &[]);
        let source = walk.text(producer, "/producer", "source", str::parse::<Source>);
        let feed =
            walk.integer(producer, "/producer", "feed", 1, 99).and_then(|feed| u8::try_from(feed).ok());
        let adapter = walk.text(producer, "/producer", "adapter", str::parse::<AdapterVersion>);
        Some(Producer { source: source?, feed: feed?, adapter: adapter? })
    });
    let basis = walk.text(object, "", "basis", str::parse::<Basis>);
    let window_days = walk.integer(object, "", "window_days", 1, 3660);
    let scale = walk.text(object, "", "scale", str::parse::<Scale>);
    if scale == Some(Scale::Outcome) && !matches!(basis, None | Some(Basis::Validated | Basis::Observed)) {
        walk.refuse::<()>("/scale", "outcome/1 goes with the basis validated or observed only");
    }
    let technologies = technologies(object, context.registry, walk);
    let complete = complete(object, context.registry, technologies.as_deref(), walk);
    let cells = match read {
        Some(read) if read.len() > MAX_CELLS => None,
        Some(read) => quick::cells(read, context.catalogues.get(attack?)?, scale?, technologies.as_deref()?),
        None => cells(object, context, attack, scale, technologies.as_deref(), walk),
    };
    let header = Header {
        period: period?,
        attack: attack?,
        producer: producer?,
        basis: basis?,
        window_days,
        scale: scale?,
        technologies: technologies?,
        complete: complete?,
    };
    Some(Snapshot { header, cells: cells? })
}

/// A list of known names, each once, sorted.
fn names(
    object: &Map<String, Value>,
    key: &str,
    walk: &mut Walk,
    mut check: impl FnMut(&str) -> Result<(), String>,
) -> Option<Vec<String>> {
    let items = walk.array(object, key, MAX_TECHNOLOGIES)?;
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let pointer = format!("/{key}/{position}");
        match item {
            Value::String(name) if names.contains(name) => {
                walk.refuse(pointer, "is listed twice").unwrap_or_default()
            }
            Value::String(name) => match check(name) {
                Ok(()) => names.push(name.clone()),
                Err(detail) => walk.refuse(pointer, detail).unwrap_or_default(),
            },
            _ => walk.refuse(pointer, "must be a string").unwrap_or_default(),
        }
    }
    names.sort_unstable();
    Some(names)
}

fn technologies(object: &Map<String, Value>, registry: &Registry, walk: &mut Walk) -> Option<Vec<String>> {
    names(object, "technologies", walk, |name| match registry.reference(name) {
        Some(_) => Ok(()),
        None => {
            Err("unknown technology: see GET /v1/technologies, or use other.<family> or other.unknown"
                .to_owned())
        }
    })
}

fn complete(
    object: &Map<String, Value>,
    registry: &Registry,
    technologies: Option<&[String]>,
    walk: &mut Walk,
) -> Option<Vec<String>> {
    names(object, "complete", walk, |name| {
        if !technologies.is_none_or(|declared| declared.iter().any(|known| known == name)) {
            return Err("must also be one of /technologies".to_owned());
        }
        match registry.reference(name) {
            Some(TechnologyRef::Known(position))
                if registry.get(position).is_some_and(|t| t.native_detections) =>
            {
                Err("has built-in detections that no export shows, so it cannot be complete".to_owned())
            }
            Some(TechnologyRef::Known(_)) => Ok(()),
            _ => Err("only a technology of the registry can be complete".to_owned()),
        }
    })
}

fn cells(
    object: &Map<String, Value>,
    context: Context<'_>,
    attack: Option<AttackVersion>,
    scale: Option<Scale>,
    technologies: Option<&[String]>,
    walk: &mut Walk,
) -> Option<Vec<Cell>> {
    let items = walk.array(object, "cells", MAX_CELLS)?;
    let catalogue = attack.and_then(|version| context.catalogues.get(version));
    let mut seen = BTreeMap::new();
    for (position, item) in items.iter().enumerate() {
        let at = format!("/cells/{position}");
        let Value::Object(cell) = item else {
            walk.refuse::<()>(at, "must be an object");
            continue;
        };
        walk.members(cell, &at, &["technique", "technology"], &["value", "state"]);
        let technique = walk.text(cell, &at, "technique", |text| {
            let id: TechniqueId =
                text.parse().map_err(|_| "must be a technique id as in T1059.001".to_owned())?;
            match catalogue.is_none_or(|catalogue| catalogue.get(id).is_some()) {
                true => Ok(id),
                false => Err("unknown technique in the snapshot's ATT&CK version".to_owned()),
            }
        });
        let technology = walk.text(cell, &at, "technology", |text| {
            let position =
                technologies.map(|declared| declared.binary_search_by(|known| known.as_str().cmp(text)));
            match position {
                None => Ok(None),
                Some(Ok(position)) => Ok(u8::try_from(position).ok()),
                Some(Err(_)) => Err("must be one of /technologies".to_owned()),
            }
        });
        let value = value(cell, &at, scale, walk);
        if let (Some(technique), Some(Some(technology)), Some(value)) = (technique, technology, value)
            && seen.insert((technology, technique), value).is_some()
        {
            walk.refuse::<()>(at, "this technique and technology are listed twice");
        }
    }
    Some(
        seen.into_iter()
            .map(|((technology, technique), value)| Cell { technology, technique, value })
            .collect(),
    )
}

fn value(cell: &Map<String, Value>, at: &str, scale: Option<Scale>, walk: &mut Walk) -> Option<CellValue> {
    match (cell.get("value"), cell.get("state")) {
        (Some(_), Some(_)) | (None, None) => walk.refuse(at, "must have exactly one of value and state"),
        (None, Some(Value::String(state))) if state == "not_assessed" => Some(CellValue::NotAssessed),
        (None, Some(_)) => walk.refuse(format!("{at}/state"), "must be \"not_assessed\""),
        (Some(value), None) => {
            let scale = scale?;
            let pointer = format!("{at}/value");
            if !scale.words().is_empty() {
                let word =
                    value.as_str().and_then(|text| scale.words().iter().position(|word| *word == text));
                return word.and_then(|position| i8::try_from(position).ok()).map(CellValue::Value).or_else(
                    || {
                        walk.refuse(
                            pointer,
                            format!("must be one of {} on the scale {scale}", scale.words().join(", ")),
                        )
                    },
                );
            }
            let (low, high) = scale.range();
            // A float is refused even where it is whole: nothing is rounded silently.
            let number =
                value.as_i64().and_then(|n| i8::try_from(n).ok()).filter(|n| (low..=high).contains(n));
            number.map(CellValue::Value).or_else(|| {
                walk.refuse(pointer, format!("must be an integer from {low} to {high} on the scale {scale}"))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::technology;

    fn sample() -> Value {
        json!({
            "schema": SCHEMA, "period": "2026-11",
            "attack": {"domain": DOMAIN, "version": "18.1"},
            "producer": {"source": "splunk", "feed": 1, "adapter": "0.1.0"},
            "basis": "validated", "window_days": 180, "scale": "rule-count/1",
            "technologies": ["microsoft.windows", "aws.cloudtrail", "other.unknown"],
            "complete": ["microsoft.windows"],
            "cells": [
                {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"},
                {"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
                {"technique": "T1059", "technology": "microsoft.windows", "value": 0},
            ],
        })
    }

    /// Whether the quick way read it. What it reads, the thorough way reads the same.
    fn both(text: &str) -> bool {
        let catalogues = Catalogues::bundled();
        let current = Month::new(2026, 11).unwrap();
        let context = Context { catalogues: &catalogues, registry: technology::bundled(), current };
        let quick = quickly(text.as_bytes(), context);
        if let Some(snapshot) = &quick {
            assert_eq!(Ok(snapshot), thoroughly(text.as_bytes(), context).as_ref(), "{text}");
        }
        quick.is_some()
    }

    #[test]
    fn what_is_usual_is_read_quickly() {
        assert!(both(&sample().to_string()));
        let mut words = sample();
        words["scale"] = "outcome/1".into();
        words["cells"] =
            json!([{"technique": "T1059", "technology": "microsoft.windows", "value": "alerted"}]);
        assert!(both(&words.to_string()));
    }

    #[test]
    fn what_is_not_is_left_to_the_thorough_way() {
        let text = sample().to_string();
        for (usual, odd) in [
            ("\"value\":5", "\"value\":5.0"),
            ("\"value\":5", "\"value\":-0"),
            ("\"value\":5", "\"value\":21"),
            ("\"value\":5", "\"value\":null"),
            ("\"value\":5", "\"value\":\"5\""),
            ("\"value\":5", "\"value\":5,\"state\":\"not_assessed\""),
            ("\"value\":5", "\"value\":5,\"value\":6"),
            ("\"value\":5", "\"value\":5,\"rule\":\"x\""),
            ("\"state\":\"not_assessed\"", "\"state\":\"unknown\""),
            ("\"state\":\"not_assessed\"", "\"state\":null"),
            ("\"T1059.001\"", "\"T1059\""),
            ("\"T1059.001\"", "\"T9999\""),
            ("\"T1530\"", "\"T\\u0031530\""),
            ("\"window_days\":180", "\"window_days\":null"),
            ("\"feed\":1", "\"feed\":0"),
            ("\"cells\"", "\"cell\""),
        ] {
            assert!(text.contains(usual), "{usual}");
            assert!(!both(&text.replacen(usual, odd, 1)), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_agree(at in 0_usize..700, with in "[\\[\\]{}\",:0-9a-z.T_-]{0,3}", length in 0_usize..4) {
            let mut text = sample().to_string();
            let start = at.min(text.len());
            text.replace_range(start..(start + length).min(text.len()), &with);
            both(&text);
        }
    }
}
