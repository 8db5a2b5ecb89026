//! DeTT&CT: detection scores of `techniques.yaml`, joined with the products of `data_sources.yaml` by the kind of
//! system that both say they are about.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use crate::{
    domain::{
        scale::Scale,
        snapshot::{Basis, Source},
    },
    sources::{
        detect::{Reader, TAGS},
        formats::{json::texts, text, yaml},
        reading::{EVERY_SYSTEM, Evidence, Input, Place, ReadError, Reading, Scored},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Dettect,
    claims: |name| name.ends_with(".yml") || name.ends_with(".yaml"),
    recognises: |text| {
        text::has_line(text, "file_type:")
            && text.lines().any(|line| line.starts_with("file_type:") && line.contains("-administration"))
    },
    read,
    layers: &[],
    forms: "DeTT&CT's techniques administration in YAML, alone or with its data sources administration",
    untagged: TAGS,
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/dettect.json")),
};

/// The system of a score or a data source that is about all systems.
const ALL: &str = "all";

/// Reads one file of either kind.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let evidence = Some(Evidence { basis: Basis::Deployed, scale: Scale::Dettect });
    let mut reading = Reading { evidence, ..Reading::default() };
    for input in inputs {
        let text = text::decode(input)?;
        for (_, document) in yaml::documents::<Value>(&input.name, &text)? {
            match document.get("file_type").and_then(Value::as_str) {
                Some("technique-administration") => techniques(&input.name, &document, &mut reading)?,
                Some("data-source-administration") => data_sources(&document, &mut reading),
                // Groups and software of attackers.
                _ => reading.skip("not_a_rule"),
            }
        }
    }
    Ok(reading)
}

fn techniques(file: &Arc<str>, document: &Value, reading: &mut Reading) -> Result<(), ReadError> {
    if document.get("domain").and_then(Value::as_str).is_some_and(|domain| domain != "enterprise-attack") {
        let reason = "is about another matrix: only the domain enterprise-attack counts.";
        return Err(ReadError::new(file, None, reason));
    }
    let platforms: Vec<String> =
        texts(document.get("platform")).map(|name| format!("platform:{name}")).collect();
    for (technique, item) in items(document.get("techniques")).zip(1..) {
        let mut mentions = Mentions::default();
        if let Some(id) = technique.get("technique_id").and_then(Value::as_str) {
            mentions.add_text(id);
        }
        for detection in items(technique.get("detection")) {
            reading.scores.push(Scored {
                place: Place::item(file, item),
                times: 1,
                techniques: mentions.clone(),
                score: latest(detection),
                enabled: true,
                sources: Vec::new(),
                one_of: platforms.clone(),
                systems: texts(detection.get("applicable_to")).map(str::to_owned).collect(),
            });
        }
        let visible = items(technique.get("visibility"))
            .filter_map(latest)
            .fold(None, |best, score| Some(best.map_or(score, |best: f64| best.max(score))));
        if let (Some(id), Some(score)) = (mentions.ids.first(), visible.and_then(whole)) {
            reading.figure("visibility_latest_max", id.to_string(), score);
        }
    }
    Ok(())
}

/// The score of the newest entry; entries without a date are the oldest, and of one date the first counts.
fn latest(of: &Value) -> Option<f64> {
    let mut newest: Option<(&str, &Value)> = None;
    for entry in items(of.get("score_logbook")) {
        let date = entry.get("date").and_then(Value::as_str).unwrap_or_default();
        // 2021-10-14 and 2021-10-14T00:00:00Z are one day.
        let date = date.get(..10).unwrap_or(date);
        if newest.is_none_or(|(known, _)| date > known) {
            newest = Some((date, entry));
        }
    }
    newest.map_or(of, |(_, entry)| entry).get("score")?.as_f64()
}

fn whole(score: f64) -> Option<i64> {
    (-1..=5_i8).find(|whole| f64::from(*whole) == score).map(i64::from)
}

fn data_sources(document: &Value, reading: &mut Reading) {
    for named in items(document.get("data_sources")) {
        // Since version 1.1 a data source is a list with one entry for each kind of system; before, it was one for all.
        let listed = named.get("data_source").is_some();
        for data_source in items(named.get("data_source")).chain([named].into_iter().filter(|_| !listed)) {
            if data_source.get("available_for_data_analytics").and_then(Value::as_bool) == Some(false) {
                continue;
            }
            for product in texts(data_source.get("products")) {
                let mut systems: BTreeSet<String> =
                    texts(data_source.get("applicable_to")).map(str::to_lowercase).collect();
                if systems.is_empty() || systems.contains(ALL) {
                    systems.insert(EVERY_SYSTEM.to_owned());
                }
                systems.insert(ALL.to_owned());
                for system in systems {
                    reading.systems.entry(system).or_default().insert(format!("product:{product}"));
                }
                reading.tally("products", product.to_owned(), 1);
            }
        }
    }
    // A system that no product watches is still known by its platform.
    for system in items(document.get("systems")) {
        for name in texts(system.get("applicable_to")).map(str::to_lowercase) {
            let platforms = texts(system.get("platform")).map(|name| format!("platform:{name}"));
            let products = reading.systems.entry(name).or_default();
            if products.is_empty() {
                products.extend(platforms);
            }
        }
    }
}

/// The items of a list, or a value alone.
fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let list = value.and_then(Value::as_array);
    let alone = value.filter(|value| value.is_object() || value.is_string());
    list.into_iter().flatten().chain(alone)
}
