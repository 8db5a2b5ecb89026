//! Sigma rules: YAML documents, several per file, also with `action: global`. A rule's status stands for enabled,
//! its `logsource` for the technology.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::{Reader, TAGS},
        formats::{json, text, yaml},
        reading::{Enabled, Input, Place, ReadError, Reading, Rule, Silent},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Sigma,
    claims: |name| name.ends_with(".yml") || name.ends_with(".yaml"),
    recognises: |text| {
        let has = |start: &str| text::has_line(text, start);
        let part = || has("detection:") || has("filter:");
        let rule = || part() && (has("logsource:") || has("action:")) || has("correlation:");
        !json::is_json(text) && rule()
    },
    read,
    layers: &[],
    forms: "Sigma rules in YAML",
    untagged: TAGS,
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/sigma.json")),
};

/// The members of a document that are read. Their values are of any type: a title may be a number, tags one text.
#[derive(Debug, Default)]
struct Document {
    fields: BTreeMap<&'static str, Value>,
    has_detection: bool,
}

/// The members of a document that are looked at; everything else is skipped unread.
const FIELDS: [&str; 11] = [
    "action",
    "correlation",
    "date",
    DETECTION,
    "id",
    "logsource",
    "modified",
    "name",
    "status",
    "tags",
    "title",
];

/// The member that counts by its presence alone.
const DETECTION: &str = "detection";

/// A document, or `None` for whatever else the file holds (a list, a text, nothing).
struct Content(Option<Document>);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

/// The visits of everything but a map (and, for [`Field`], a text), which give nothing.
macro_rules! nothing {
    ($of:ident) => {
        nothing!($of; visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_i128: i128);
        nothing!($of; visit_u128: u128, visit_bytes: &[u8]);

        fn visit_unit<E>(self) -> Result<$of, E> {
            Ok($of(None))
        }

        fn visit_none<E>(self) -> Result<$of, E> {
            Ok($of(None))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<$of, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok($of(None))
        }
    };
    ($of:ident; $($visit:ident: $value:ty),+) => {
        $(fn $visit<E>(self, _: $value) -> Result<$of, E> { Ok($of(None)) })+
    };
}

/// A member's name, if it is one of [`FIELDS`].
struct Field(Option<&'static str>);

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Names may be numbers, lists, anything.
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    nothing!(Field);

    fn visit_str<E>(self, name: &str) -> Result<Field, E> {
        Ok(Field(FIELDS.iter().find(|field| **field == name).copied()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Field, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field(None))
    }
}

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML document")
    }

    nothing!(Content);

    fn visit_str<E>(self, _: &str) -> Result<Content, E> {
        Ok(Content(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Content, A::Error> {
        let mut document = Document::default();
        while let Some(Field(field)) = members.next_key()? {
            match field {
                None | Some(DETECTION) => {
                    document.has_detection |= field.is_some();
                    members.next_value::<IgnoredAny>()?;
                }
                Some(field) => {
                    document.fields.insert(field, members.next_value()?);
                }
            }
        }
        Ok(Content(Some(document)))
    }
}

/// Reads the documents of one file.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        file(&input.name, yaml::documents(&input.name, &text)?, &mut reading)?;
    }
    Ok(reading)
}

/// The most bytes that a document inherits from `action: global` or `action: repeat`: without a limit, a file could grow
/// while it is read.
const MAX_INHERITED_BYTES: usize = 16 * 1024;
const TOO_MUCH_INHERITED: &str = "more than 16 KiB are carried from document to document by `action`.";

/// Applies `action` and turns the documents into rules.
fn file(name: &Arc<str>, documents: Vec<(Place, Content)>, reading: &mut Reading) -> Result<(), ReadError> {
    let mut global = Document::default();
    let mut previous = Document::default();
    let repeat = |document: &Document| {
        document.text("action").is_some_and(|action| action.eq_ignore_ascii_case("repeat"))
    };
    let repeats = documents.iter().any(|(_, content)| content.0.as_ref().is_some_and(repeat));
    let mut found: Vec<(Place, Document, bool)> = Vec::new();
    for (place, Content(document)) in documents {
        let Some(document) = document else {
            reading.skip("not_a_rule");
            continue;
        };
        let action = document.text("action").map(str::to_lowercase);
        let own_id = document.fields.contains_key("id");
        let full = match action.as_deref() {
            Some("global") => {
                global.overlay(document);
                if global.size() > MAX_INHERITED_BYTES {
                    return Err(ReadError::new(name, place.line, TOO_MUCH_INHERITED));
                }
                continue;
            }
            Some("reset") => {
                global = Document::default();
                continue;
            }
            Some("repeat") if previous.size() > MAX_INHERITED_BYTES => {
                return Err(ReadError::new(name, place.line, TOO_MUCH_INHERITED));
            }
            Some("repeat") => previous.overlaid(document),
            _ if global.fields.is_empty() => document,
            _ => global.overlaid(document),
        };
        if repeats {
            previous = full.overlaid(Document::default());
        }
        if full.has_detection || full.fields.get("correlation").is_some_and(Value::is_object) {
            found.push((place, full, own_id));
        } else {
            // Filters, pipelines, anything else that people keep beside rules.
            reading.skip("not_a_rule");
        }
    }
    for (number, (place, document, own_id)) in found.into_iter().enumerate() {
        // Documents that share an id are told apart by their position.
        let space = (!own_id).then(|| number.to_string());
        reading.rules.push(Rule { space, ..rule(place, &document) });
    }
    Ok(())
}

impl Document {
    fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Adds `over`: its members win, objects merge member by member, lists are joined.
    fn overlay(&mut self, over: Self) {
        self.has_detection |= over.has_detection;
        for (field, value) in over.fields.into_iter().filter(|(field, _)| *field != "action") {
            match (self.fields.get_mut(field), value) {
                (Some(Value::Object(under)), Value::Object(value)) => under.extend(value),
                (Some(Value::Array(under)), Value::Array(value)) => under.extend(value),
                (_, value) => {
                    self.fields.insert(field, value);
                }
            }
        }
    }

    fn overlaid(&self, over: Self) -> Self {
        let mut full = Self { fields: self.fields.clone(), has_detection: self.has_detection };
        full.overlay(over);
        full
    }

    /// Bytes of the texts in the fields, about.
    fn size(&self) -> usize {
        self.fields.values().map(|value| value.to_string().len()).sum()
    }

    /// The rules that a correlation document refers to.
    fn parts(&self) -> impl Iterator<Item = &str> {
        let rules = self.fields.get("correlation").and_then(|correlation| correlation.get("rules"));
        let list = rules.and_then(Value::as_array).into_iter().flatten();
        list.chain(rules.filter(|rules| rules.is_string())).filter_map(Value::as_str)
    }

    /// `product/category/service`, `*` where absent; `None` without any of them.
    fn log_source(&self) -> Option<String> {
        let log_source = self.fields.get("logsource")?;
        let part =
            |key| log_source.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let parts = ["product", "category", "service"].map(part);
        parts.iter().any(Option::is_some).then(|| parts.map(|part| part.unwrap_or("*")).join("/"))
    }
}

fn rule(place: Place, document: &Document) -> Rule {
    let mut techniques = Mentions::default();
    let mut hunting = false;
    for tag in tags(document.fields.get("tags")) {
        let lower = tag.to_lowercase();
        hunting |= lower == "detection.threat-hunting";
        let bare_id =
            lower.strip_prefix('t').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if bare_id || lower.starts_with("attack") || lower.starts_with("mitre") {
            techniques.add_tag(tag);
        }
    }
    let running = document.text("status").is_none_or(|status| {
        !["deprecated", "unsupported"].iter().any(|off| status.eq_ignore_ascii_case(off))
    });
    let title = document.fields.get("title");
    let name = title.map(|title| title.as_str().map_or_else(|| title.to_string(), str::to_owned));
    let generates = document.fields.get("correlation").and_then(|correlation| correlation.get("generate"));
    Rule {
        id: document.text("id").map(str::to_owned),
        revised: ["modified", "date"].iter().find_map(|field| document.text(field)).map(str::to_owned),
        called: document.text("name").map(str::to_owned).into_iter().collect(),
        parts: document.parts().map(str::to_owned).collect(),
        parts_alert: generates.and_then(Value::as_bool) == Some(true),
        enabled: if running { Enabled::Unspecified } else { Enabled::No },
        silent: hunting.then_some(Silent::Hunting),
        techniques,
        sources: document.log_source().into_iter().collect(),
        ..Rule::new(name.unwrap_or_default(), place)
    }
}

/// Tags are a list, or one text with commas or blanks.
fn tags(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => text.split([',', ' ', '\n']).collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
