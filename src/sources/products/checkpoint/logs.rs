//! Logs: each that has techniques in its `mitre_<tactic>` fields shows what the product saw and what it did about it.

use std::{convert::Infallible, sync::Arc};

use serde_json::Value;

use crate::{
    domain::{scale::Scale, snapshot::Basis},
    sources::{
        formats::{table, text},
        reading::{Entries, Evidence, Place, Reading, Scored},
        technique_ids::Mentions,
    },
};

/// The key of logs without a technique in [`Reading::not_rules`].
pub const LOG_WITHOUT_TECHNIQUE: &str = "log_without_technique";

const PRODUCT: [&str; 4] = ["product", "blade", "product_name", "software_blade"];
const ACTION: [&str; 2] = ["action", "act"];

/// The tactics that fields are named after, of every version of ATT&CK.
const TACTICS: [&str; 16] = [
    "reconnaissance",
    "resource_development",
    "initial_access",
    "execution",
    "persistence",
    "privilege_escalation",
    "defense_evasion",
    "stealth",
    "defense_impairment",
    "credential_access",
    "discovery",
    "lateral_movement",
    "collection",
    "command_and_control",
    "exfiltration",
    "impact",
];

/// Recognises a JSON text that is a log export. Logs without techniques are one too.
pub fn recognises(text: &str) -> bool {
    text::has(text, "\"loguid\"")
        || text.match_indices("\"mitre_").any(|(at, _)| {
            let key = text.get(at + 1..).and_then(|rest| rest.split('"').next());
            key.is_some_and(is_technique)
        })
}

/// Recognises the headings of a log export.
pub fn is_log_table(headings: &[String]) -> bool {
    headings.iter().any(|heading| is_technique(heading))
        && (table::has(headings, &PRODUCT) || table::has(headings, &ACTION))
}

/// `mitre_initial_access` and its like.
fn is_technique(key: &str) -> bool {
    key.strip_prefix("mitre_").is_some_and(|tactic| TACTICS.contains(&tactic))
}

/// Takes an event of JSON in.
pub fn event(file: &Arc<str>, item: usize, event: &Value, reading: &mut Reading) {
    let mut found = Event::default();
    for (key, value) in event.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => found.field(key, text),
            Value::Array(items) => {
                items.iter().filter_map(Value::as_str).for_each(|text| found.field(key, text));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
        }
    }
    found.add(Place::item(file, item), reading);
}

/// Takes an event of CEF or syslog in.
pub fn line(file: &Arc<str>, line: usize, event: &[(&str, String)], reading: &mut Reading) {
    let mut found = Event::default();
    event.iter().for_each(|(key, value)| found.field(key, value));
    found.add(Place::line(file, line), reading);
}

/// Takes every row of a table in. Rows that say the same are one entry.
pub fn table(file: &Arc<str>, text: &str, reading: &mut Reading) {
    let headings = table::headings(text);
    let read = |key: &&String| {
        is_technique(key) || PRODUCT.contains(&key.as_str()) || ACTION.contains(&key.as_str())
    };
    let columns: Vec<(&String, Option<usize>)> =
        headings.iter().enumerate().filter(|(_, key)| read(key)).map(|(at, key)| (key, Some(at))).collect();
    let mut entries = Entries::default();
    let mut scores = std::mem::take(&mut reading.scores);
    let read: Result<(), Infallible> = table::rows(text, |row| {
        let fields: Vec<Option<&str>> = columns.iter().map(|(_, column)| row.at(*column)).collect();
        let mut found = Event::default();
        columns.iter().zip(&fields).for_each(|((key, _), field)| found.field(key, field.unwrap_or_default()));
        match found.entry(Place::line(file, row.line()), reading) {
            Some(scored) => entries.add(&mut scores, &fields, || Ok(scored)),
            None => Ok(()),
        }
    });
    let Ok(()) = read;
    reading.scores = scores;
}

/// The fields of a log that are read.
#[derive(Default)]
struct Event {
    techniques: Mentions,
    product: Option<String>,
    outcome: u8,
}

impl Event {
    fn field(&mut self, key: &str, value: &str) {
        let value = value.trim();
        if is_technique(key) {
            self.techniques.add_text(value);
        } else if PRODUCT.contains(&key) && !value.is_empty() {
            self.product.get_or_insert_with(|| format!("blade:{value}"));
        } else if ACTION.contains(&key) {
            self.outcome = value.split([',', ';']).map(outcome).fold(self.outcome, u8::max);
        }
    }

    fn add(self, place: Place, reading: &mut Reading) {
        let scored = self.entry(place, reading);
        reading.scores.extend(scored);
    }

    /// The event as an entry; `None` for one without a technique, which is counted.
    fn entry(self, place: Place, reading: &mut Reading) -> Option<Scored> {
        reading.evidence = Some(Evidence { basis: Basis::Observed, scale: Scale::Outcome });
        if self.techniques.is_empty() {
            reading.skip(LOG_WITHOUT_TECHNIQUE);
            return None;
        }
        Some(Scored {
            place,
            times: 1,
            techniques: self.techniques,
            // What is in the log was logged at least.
            score: Some(f64::from(self.outcome.max(1))),
            enabled: true,
            sources: vec![self.product.unwrap_or_else(|| "blade:(none)".to_owned())],
            one_of: Vec::new(),
            systems: Vec::new(),
        })
    }
}

/// The position on outcome/1 of an action.
fn outcome(action: &str) -> u8 {
    const BLOCKED: [&str; 10] = [
        "prevent",
        "prevented",
        "drop",
        "block",
        "blocked",
        "reject",
        "quarantine",
        "quarantined",
        "terminate",
        "deny",
    ];
    const ALERTED: [&str; 5] = ["detect", "detected", "alert", "ask user", "inform user"];
    let said = |words: &[&str]| words.iter().any(|word| action.trim().eq_ignore_ascii_case(word));
    if said(&BLOCKED) {
        3
    } else if said(&ALERTED) {
        2
    } else {
        1
    }
}
