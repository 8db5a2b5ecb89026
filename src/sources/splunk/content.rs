//! Splunk content as its authors keep it: one YAML file a detection, as in a detections-as-code repository.

use std::sync::Arc;

use serde_json::Value;

use super::{sources, techniques_of};
use crate::sources::{Enabled, Mentions, Place, ReadError, Reading, Rule, Silent, yaml};

/// Whether a YAML text is such a file. What Sigma and others write has no search at its top.
pub fn recognises(text: &str) -> bool {
    let line = |start: &str| text.lines().any(|line| line.starts_with(start));
    line("search:") && line("tags:") && line("id:")
}

/// Reads the documents of one file.
pub fn read(file: &Arc<str>, text: &str) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for document in yaml::documents::<Value>(file, text)? {
        let line = usize::try_from(document.referenced.line()).unwrap_or_default();
        if document.value.get("search").is_some_and(Value::is_string) {
            reading.rules.push(rule(Place::line(file, line), &document.value));
        } else {
            reading.skip("not_a_rule");
        }
    }
    Ok(reading)
}

fn rule(place: Place, content: &Value) -> Rule {
    let text = |key: &str| content.get(key).and_then(Value::as_str).unwrap_or_default();
    let is = |key: &str, word: &str| text(key).eq_ignore_ascii_case(word);
    let mut techniques = Mentions::default();
    content.get("tags").iter().for_each(|tags| techniques_of(tags, &mut techniques));
    let (sources, one_of) = sources(text("name"), text("search"), content.get("data_source"), None);
    Rule {
        name: text("name").to_owned(),
        id: Some(text("id")).filter(|id| !id.is_empty()).map(str::to_owned),
        place,
        enabled: if is("status", "deprecated") || is("status", "removed") {
            Enabled::No
        } else {
            Enabled::Unspecified
        },
        silent: match () {
            () if is("type", "hunting") => Some(Silent::Hunting),
            () if is("type", "anomaly") => Some(Silent::RiskOnly),
            () => None,
        },
        techniques,
        sources,
        one_of,
        template: None,
    }
}
