//! Splunk: saved searches as `savedsearches.conf` or `btool` prints them, as the REST answer of `/saved/searches`, or as rows
//! of `| rest`; content as YAML.

mod conf;
mod content;
mod rest;
mod saved_search;
mod search;

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::{Reader, TAGS},
        formats::{json, table, text},
        reading::{Input, ReadError, Reading},
    },
};

pub const READER: Reader = Reader {
    source: Source::Splunk,
    claims: |name| {
        ["savedsearches.conf", ".json", ".csv", ".yml", ".yaml"].iter().any(|ending| name.ends_with(ending))
    },
    recognises: |text| match json::is_json(text) {
        true => rest::recognises(text),
        false => {
            conf::recognises(text) || content::recognises(text) || rest::is_table(&table::headings(text))
        }
    },
    read,
    layers: &["default", "local"],
    forms: "savedsearches.conf, btool's output, the JSON answer of /saved/searches, rows of | rest as JSON or CSV, content in YAML",
    untagged: TAGS,
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/splunk.json")),
};

/// Reads one file, or `default/savedsearches.conf` overlaid by `local/savedsearches.conf`.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        if json::is_json(&text) {
            reading.append(rest::read(&input.name, &text)?);
        } else if content::recognises(&text) && !conf::recognises(&text) {
            reading.append(content::read(&input.name, &text)?);
        } else if rest::is_table(&table::headings(&text)) && !conf::recognises(&text) {
            reading.append(rest::table(&input.name, &text));
        } else {
            return conf::read(inputs);
        }
    }
    Ok(reading)
}

#[cfg(test)]
mod tests;
