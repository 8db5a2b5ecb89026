//! Splunk content as its authors keep it: one YAML file a detection, as in a detections-as-code repository.

use std::sync::Arc;

use serde_json::Value;

use super::saved_search::{sources, techniques_of};
use crate::sources::{
    formats::{text, yaml},
    reading::{Enabled, Place, ReadError, Reading, Rule, Silent},
    technique_ids::Mentions,
};

/// Recognises a YAML text that is such a file. Files of Sigma and others have no search at their top.
pub fn recognises(text: &str) -> bool {
    let has = |start: &str| text::has_line(text, start);
    has("search:") && has("tags:") && has("id:")
}

/// Reads the documents of one file.
pub fn read(file: &Arc<str>, text: &str) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for (place, document) in yaml::documents::<Value>(file, text)? {
        if document.get("search").is_some_and(Value::is_string) {
            reading.rules.push(rule(place, &document));
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
    let off = is("status", "deprecated") || is("status", "removed");
    let finds = content.get("finding").is_some_and(Value::is_object);
    Rule {
        id: Some(text("id")).filter(|id| !id.is_empty()).map(str::to_owned),
        revised: content.get("version").map(ToString::to_string),
        enabled: if off { Enabled::No } else { Enabled::Unspecified },
        silent: match () {
            () if is("type", "hunting") => Some(Silent::Hunting),
            () if is("type", "anomaly") && !finds => Some(Silent::RiskOnly),
            () => None,
        },
        techniques,
        sources,
        one_of,
        ..Rule::new(text("name"), place)
    }
}
