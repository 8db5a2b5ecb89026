//! Check Point: logs with the techniques that the product itself wrote into them, IPS protections with their CVEs,
//! and a table of one's own. There is no rule-level mapping to ATT&CK to export.

mod lines;
mod logs;
mod mapping;
mod protections;

use serde_json::Value;

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::{Reader, TAGS},
        formats::{table, text},
        pages::Page,
        reading::{Input, ReadError, Reading},
    },
};

pub use logs::LOG_WITHOUT_TECHNIQUE;

pub const READER: Reader = Reader {
    source: Source::CheckPoint,
    claims: |name| {
        [".json", ".ndjson", ".jsonl", ".csv", ".log", ".cef"].iter().any(|ending| name.ends_with(ending))
    },
    recognises: |text| match Form::of(text) {
        Form::Json => protections::recognises(text) || logs::recognises(text),
        Form::Lines => lines::recognises(text),
        Form::Table => {
            let headings = table::headings(text);
            logs::is_log_table(&headings) || mapping::is_mapping(&headings)
        }
    },
    read,
    layers: &[],
    forms: "logs as JSON, CSV, CEF or syslog, IPS protections, a table with the columns blade and technique",
    untagged: TAGS,
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/checkpoint.json")),
};

enum Form {
    Json,
    /// CEF or syslog.
    Lines,
    /// CSV.
    Table,
}

impl Form {
    fn of(text: &str) -> Self {
        let start = text.trim_start();
        if start.starts_with(['{', '[']) && !lines::recognises(text) {
            Self::Json
        } else if lines::recognises(text) {
            Self::Lines
        } else {
            Self::Table
        }
    }
}

/// Reads one file of any form.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        match Form::of(&text) {
            Form::Json => json(input, &text, &mut reading)?,
            Form::Lines => {
                lines::events(&text, |line, event| logs::line(&input.name, line, &event, &mut reading))
            }
            Form::Table => {
                let headings = table::headings(&text);
                if logs::is_log_table(&headings) {
                    logs::table(&input.name, &text, &mut reading);
                } else if mapping::is_mapping(&headings) {
                    mapping::table(&input.name, &text, &mut reading);
                } else {
                    let reason = "is neither a log export with mitre_… fields, nor protections, nor a table with the \
                                  columns blade and technique.";
                    return Err(ReadError::new(&input.name, Some(1), reason));
                }
            }
        }
    }
    Ok(reading)
}

/// One document or several: an answer's page, a list, or one event a line.
fn json(input: &Input, text: &str, reading: &mut Reading) -> Result<(), ReadError> {
    let mut item = 0;
    let mut without_profiles = 0;
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let document = document.map_err(|error| {
            let line = Some(error.line()).filter(|line| *line > 0);
            ReadError::new(&input.name, line, "is not valid JSON from here on.")
        })?;
        let before = item;
        each(&document, &mut |entry| {
            item += 1;
            if protections::is_protection(entry) {
                without_profiles += usize::from(!protections::has_profiles(entry));
                protections::profiles(entry).for_each(|(profile, action)| {
                    reading.tally("profiles", format!("{profile}: {action}"), 1)
                });
                reading.rules.push(protections::rule(&input.name, item, entry));
            } else {
                logs::event(&input.name, item, entry, reading);
            }
        });
        if let Some(members) = document.as_object().filter(|members| members.contains_key("total")) {
            reading.pages.extend(Page::read(&input.name, members, item - before));
        }
    }
    if without_profiles > 0 && without_profiles == reading.rules.len() {
        let reason = "has protections without profiles, so that nothing says which are active: ask for \
                      details-level full and show-profiles true.";
        return Err(ReadError::new(&input.name, None, reason));
    }
    Ok(())
}

/// Calls `with` for each object of the lists in which the interfaces answer.
fn each(document: &Value, with: &mut impl FnMut(&Value)) {
    match document {
        Value::Array(items) => items.iter().for_each(|item| each(item, with)),
        Value::Object(members) => {
            match ["protections", "logs", "objects"].iter().find_map(|key| members.get(*key)?.as_array()) {
                Some(items) => items.iter().for_each(with),
                None => with(document),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests;
