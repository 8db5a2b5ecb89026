//! ATT&CK Navigator layers, 3.0 and 4.x: scores per technique, whose meaning the user declares with a scale.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::{Reader, TAGS},
        formats::{json, text},
        reading::{Input, Place, ReadError, Reading, Scored},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Navigator,
    claims: |name| name.ends_with(".json"),
    recognises: |text| text::has(text, "\"techniqueID\"") && text::has(text, "\"techniques\""),
    read,
    layers: &[],
    forms: "ATT&CK Navigator layers, 3.0 and 4.x",
    untagged: TAGS,
    crosswalk: None,
};

/// The two spellings of the Enterprise matrix.
const DOMAINS: [&str; 2] = ["enterprise-attack", "mitre-enterprise"];

/// The reason for which the layer of Sumo Logic is refused, whichever reader meets it.
pub const SUMO_LAYER: &str = "is the layer of Sumo Logic's coverage page, which cannot be compared: its scores 0 to 3 are classes \
    of rule counts, and 0 means ten rules or fewer, none included. Export the rules instead.";

/// Reads one layer, or a list of layers.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        for (_, document) in json::documents::<Value>(&input.name, &text)? {
            match &document {
                Value::Array(layers) => {
                    layers.iter().try_for_each(|one| layer(&input.name, one, &mut reading))?
                }
                one => layer(&input.name, one, &mut reading)?,
            }
        }
    }
    Ok(reading)
}

fn layer(file: &Arc<str>, layer: &Value, reading: &mut Reading) -> Result<(), ReadError> {
    let refuse = |reason: &str| Err(ReadError::new(file, None, reason));
    let Some(entries) = layer.get("techniques").and_then(Value::as_array) else {
        return refuse("is not a Navigator layer: it has no list of techniques.");
    };
    match layer.get("domain").and_then(Value::as_str) {
        Some(domain) if DOMAINS.contains(&domain) => {}
        Some(_) => {
            return refuse(
                "is a layer of another matrix: the domain must be enterprise-attack (or mitre-enterprise).",
            );
        }
        None => {
            return refuse(
                "doesn't state its domain: add \"domain\": \"enterprise-attack\" if that is right.",
            );
        }
    }
    let of_sumo =
        |key: &str| layer.get(key).is_some_and(|said| said.to_string().to_lowercase().contains("sumo"));
    if ["name", "description", "metadata"].into_iter().any(of_sumo) {
        return refuse(SUMO_LAYER);
    }
    if let Some(version) = version(layer)
        && !(version.starts_with("3.") || version.starts_with("4.") || version == "3" || version == "4")
    {
        return refuse(
            "is a layer of a version other than 3.0 and 4.x: open it in the Navigator and save it.",
        );
    }
    let scores: Vec<Scored> =
        entries.iter().zip(1..).map(|(entry, item)| scored(file, item, entry)).collect();
    if !scores.is_empty() && scores.iter().all(|entry| entry.score.is_none()) {
        return refuse(
            "shows colours only: no technique has a score, and a colour has no defined meaning. Give the \
             techniques scores, or build the snapshot from the rules themselves.",
        );
    }
    reading.scores.extend(scores);
    Ok(())
}

/// The layer format's version: `versions.layer`, or `version` in older ones, as a text or a number.
fn version(layer: &Value) -> Option<String> {
    let versions = layer.get("versions");
    let version =
        versions.and_then(|all| all.get("layer")).or(versions).filter(|version| !version.is_object());
    match version.or_else(|| layer.get("version"))? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn scored(file: &Arc<str>, item: usize, entry: &Value) -> Scored {
    let mut techniques = Mentions::default();
    if let Some(id) = entry.get("techniqueID").and_then(Value::as_str) {
        techniques.add_text(id);
    }
    // The Navigator itself writes numbers; scripts write texts, and "" for none.
    let score = match entry.get("score") {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let enabled = entry.get("enabled").and_then(Value::as_bool) != Some(false);
    let place = Place::item(file, item);
    let (sources, one_of, systems) = (Vec::new(), Vec::new(), Vec::new());
    Scored { place, times: 1, techniques, score, enabled, sources, one_of, systems }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layer_of(domain: &str, version: &str, techniques: &str) -> String {
        format!(r#"{{"name": "secret", "domain": "{domain}", {version}, "techniques": [{techniques}]}}"#)
    }

    fn scores(text: &str) -> Vec<(String, Option<f64>, bool)> {
        let reading = read(&[Input::new("layer.json", text)]).unwrap();
        let said =
            |scored: &Scored| scored.techniques.ids.first().map(ToString::to_string).unwrap_or_default();
        reading.scores.iter().map(|scored| (said(scored), scored.score, scored.enabled)).collect()
    }

    fn error(text: &str) -> String {
        read(&[Input::new("layer.json", text)]).unwrap_err().to_string()
    }

    #[test]
    fn both_spellings_and_all_versions_are_read() {
        let techniques = r#"{"techniqueID": "T1059", "score": 3}, {"techniqueID": "T1078", "score": 0, "enabled": false},
            {"techniqueID": "T1003", "color": "red"}, {"techniqueID": "t1110", "score": "2"}"#;
        for (domain, version) in [
            ("enterprise-attack", r#""versions": {"layer": "4.5", "attack": "18"}"#),
            ("mitre-enterprise", r#""version": "3.0""#),
            ("mitre-enterprise", r#""version": 4.3"#),
            ("mitre-enterprise", r#""versions": "4.3""#),
        ] {
            let text = layer_of(domain, version, techniques);
            assert!((READER.recognises)(&text));
            let expected = [
                ("T1059".to_owned(), Some(3.0), true),
                ("T1078".to_owned(), Some(0.0), false),
                ("T1003".to_owned(), None, true),
                ("T1110".to_owned(), Some(2.0), true),
            ];
            assert_eq!(scores(&text), expected);
            assert_eq!(scores(&format!("[{text}, {text}]")).len(), 8);
        }
    }

    #[test]
    fn what_cannot_be_a_coverage_layer_is_refused_with_the_reason() {
        let one = r#"{"techniqueID": "T1059", "score": 3}"#;
        let current = r#""versions": {"layer": "4.5"}"#;
        assert!(error(&layer_of("ics-attack", current, one)).contains("another matrix"));
        assert!(error(&layer_of("enterprise-attack", r#""version": "2.2""#, one)).contains("version"));
        assert!(error(r#"{"techniques": []}"#).contains("domain"));
        assert!(error("{}").contains("no list of techniques"));
        assert!(error("{\n]").starts_with("layer.json:2: is not valid JSON"));
        let colours =
            layer_of("enterprise-attack", current, r##"{"techniqueID": "T1059", "color": "#fff"}"##);
        assert!(error(&colours).contains("colours only") && !error(&colours).contains("secret"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&[Input::new("layer.json", bytes)]);
        }

        #[test]
        fn no_change_to_a_layer_makes_it_panic(at in 0_usize..120, with in "\\PC{0,6}", cut in 0_usize..20) {
            let text = layer_of("enterprise-attack", r#""version": "3.0""#, r#"{"techniqueID": "T1059", "score": 3}"#);
            let end = (at + cut).min(text.len());
            if let (Some(before), Some(after)) = (text.get(..at), text.get(end..)) {
                let _ = read(&[Input::new("layer.json", format!("{before}{with}{after}"))]);
            }
        }
    }
}
