//! The figures of `--counts`: what an independent script would count in the same files, before anything is mapped,
//! rolled up or left out, so that a reader can be checked against it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    build::{Context, Resolver},
    reading::{Reading, Scored},
    technique_ids::Mentions,
};
use crate::domain::{
    attack::{Catalogue, TechniqueId},
    scale::Scale,
};

type Tally = BTreeMap<String, usize>;

/// The maps by name; `mapped_to_*`, `unmappable_*` and `parents_*` for each version of ATT&CK that is known.
/// `None` without any version.
pub fn of(reading: &Reading, context: Context<'_>) -> Option<Map<String, Value>> {
    let newest = context.catalogues.canonical()?;
    let resolver = Resolver::new(newest, context.catalogues);
    let mut counts = if reading.scores.is_empty() {
        of_rules(reading, context, &resolver)
    } else {
        of_scores(reading, context, &resolver)
    };
    let all = reading.rules.iter().map(|rule| &rule.techniques);
    let mut malformed = Tally::new();
    for mentions in all.chain(reading.scores.iter().map(|scored| &scored.techniques)) {
        for text in resolver.malformed(mentions) {
            add(&mut malformed, text);
        }
    }
    counts.insert("malformed".to_owned(), json!(malformed));
    counts.extend(reading.figures.iter().map(|(name, figures)| ((*name).to_owned(), json!(figures))));
    counts.extend(reading.tallies.iter().map(|(name, tally)| ((*name).to_owned(), json!(tally))));
    Some(counts)
}

fn add(tally: &mut Tally, key: impl ToString) {
    *tally.entry(key.to_string()).or_default() += 1;
}

fn of_rules(reading: &Reading, context: Context<'_>, resolver: &Resolver<'_>) -> Map<String, Value> {
    let (mut raw, mut not_disabled) = (Tally::new(), Tally::new());
    let (mut per_rule, mut log_sources) = (Tally::new(), Tally::new());
    let (mut with_technique, mut with_technique_not_disabled) = (0, 0);
    let ids_of: Vec<BTreeSet<TechniqueId>> =
        reading.rules.iter().map(|rule| resolver.raw(&rule.techniques)).collect();
    for (rule, ids) in reading.rules.iter().zip(&ids_of) {
        add(&mut per_rule, ids.len());
        with_technique += usize::from(!ids.is_empty());
        with_technique_not_disabled += usize::from(!ids.is_empty() && rule.enabled.is_running());
        for id in ids {
            add(&mut raw, id);
            if rule.enabled.is_running() {
                add(&mut not_disabled, id);
            }
        }
        rule.sources.iter().chain(&rule.one_of).for_each(|name| add(&mut log_sources, name));
    }
    let mut counts = Map::new();
    for version in context.catalogues.versions() {
        let Some(catalogue) = context.catalogues.get(version) else { continue };
        let (mut mapped, mut unmappable, mut parents) = (Tally::new(), Tally::new(), Tally::new());
        for ids in &ids_of {
            let targets: BTreeSet<TechniqueId> = ids.iter().filter_map(|id| end(catalogue, *id)).collect();
            let rolled_up: BTreeSet<TechniqueId> = targets.iter().map(|id| id.parent()).collect();
            targets.iter().for_each(|id| add(&mut mapped, id));
            rolled_up.iter().for_each(|id| add(&mut parents, id));
            let lost = ids.iter().filter(|id| end(catalogue, **id).is_none());
            lost.for_each(|id| add(&mut unmappable, id));
        }
        let version = version.to_string().replace('.', "_");
        counts.insert(format!("mapped_to_{version}"), json!(mapped));
        counts.insert(format!("unmappable_{version}"), json!(unmappable));
        counts.insert(format!("parents_{version}"), json!(parents));
    }
    counts.insert("distinct_raw".to_owned(), json!(raw.len()));
    counts.insert("distinct_not_disabled".to_owned(), json!(not_disabled.len()));
    counts.insert("technique_rules_raw".to_owned(), json!(raw));
    counts.insert("technique_rules_enabled".to_owned(), json!(not_disabled));
    counts.insert("technique_rules_not_disabled".to_owned(), json!(not_disabled));
    counts.insert("techniques_per_rule".to_owned(), json!(per_rule));
    counts.insert("rules_with_technique".to_owned(), json!(with_technique));
    counts.insert("rules_with_technique_not_disabled".to_owned(), json!(with_technique_not_disabled));
    counts.insert("logsources".to_owned(), json!(log_sources));
    counts
}

/// The end of an id's revoked-by chain in a version, deprecated ids included; `None` if the version has it not.
fn end(catalogue: &Catalogue, id: TechniqueId) -> Option<TechniqueId> {
    let mut current = catalogue.get(id)?;
    for _ in 0..catalogue.len() {
        match current.revoked_by.and_then(|next| catalogue.get(next)) {
            Some(next) if current.revoked => current = next,
            _ => break,
        }
    }
    Some(current.id)
}

fn of_scores(reading: &Reading, context: Context<'_>, resolver: &Resolver<'_>) -> Map<String, Value> {
    let ids = |mentions: &Mentions| resolver.raw(mentions);
    let mut entries_of = BTreeMap::<TechniqueId, usize>::new();
    let mut highest = BTreeMap::<TechniqueId, f64>::new();
    for scored in &reading.scores {
        for id in ids(&scored.techniques) {
            *entries_of.entry(id).or_default() += scored.times;
            if let Some(score) = scored.score {
                let best = highest.entry(id).or_insert(score);
                *best = best.max(score);
            }
        }
    }
    let number = |of: &dyn Fn(&Scored) -> bool| -> usize {
        reading.scores.iter().filter(|scored| of(scored)).map(|scored| scored.times).sum()
    };
    let (entries, with_score) = (number(&|_| true), number(&|scored| scored.score.is_some()));
    let mut counts = Map::new();
    for version in context.catalogues.versions() {
        let Some(catalogue) = context.catalogues.get(version) else { continue };
        let (mut unmappable, mut revoked) = (Vec::new(), BTreeMap::new());
        for id in entries_of.keys() {
            match end(catalogue, *id) {
                None => unmappable.push(id.to_string()),
                Some(target) if target != *id => {
                    revoked.insert(id.to_string(), target.to_string());
                }
                Some(_) => {}
            }
        }
        let version = version.to_string().replace('.', "_");
        counts.insert(format!("unmappable_{version}"), json!(unmappable));
        counts.insert(format!("revoked_{version}"), json!(revoked));
    }
    let named: BTreeMap<String, f64> = highest.iter().map(|(id, score)| (id.to_string(), *score)).collect();
    counts.insert("entries".to_owned(), json!(entries));
    counts.insert("distinct_ids".to_owned(), json!(entries_of.len()));
    counts.insert(
        "ids_repeated_for_tactics".to_owned(),
        json!(entries_of.values().filter(|entries| **entries > 1).count()),
    );
    counts.insert("entries_with_score".to_owned(), json!(with_score));
    counts.insert("entries_enabled_false".to_owned(), json!(number(&|scored| !scored.enabled)));
    counts.insert("colour_only_entries".to_owned(), json!(entries - with_score));
    counts.insert("max_score_by_id".to_owned(), json!(named));
    if reading.evidence.is_some_and(|evidence| evidence.scale == Scale::Dettect) {
        counts.extend(of_dettect(reading, &highest));
    }
    counts
}

/// The counts by the names that DeTT&CT has for them.
fn of_dettect(reading: &Reading, highest: &BTreeMap<TechniqueId, f64>) -> Map<String, Value> {
    let histogram = |scores: &mut dyn Iterator<Item = String>| {
        let mut tally = Tally::new();
        scores.for_each(|score| add(&mut tally, score));
        json!(tally)
    };
    let visible = reading.figures.get("visibility_latest_max");
    let mut systems = reading.scores.iter().flat_map(|scored| &scored.systems).cloned();
    let whole = |score: &f64| score.to_string().parse::<i64>().ok();
    let detection: BTreeMap<String, Option<i64>> =
        highest.iter().map(|(id, score)| (id.to_string(), whole(score))).collect();
    [
        ("detection_latest_max", json!(detection)),
        ("detection_score_histogram", histogram(&mut highest.values().map(ToString::to_string))),
        (
            "visibility_score_histogram",
            histogram(&mut visible.into_iter().flat_map(BTreeMap::values).map(ToString::to_string)),
        ),
        ("applicable_to", histogram(&mut systems)),
        ("detected_ge_1", json!(highest.values().filter(|score| **score >= 1.0).count())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}
