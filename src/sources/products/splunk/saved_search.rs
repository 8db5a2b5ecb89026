//! A saved search as a rule: its annotations, its alert actions, the log sources of its search.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde_json::Value;

use super::search;
use crate::sources::{
    formats::literal,
    reading::{Enabled, Place, Rule, Silent},
    technique_ids::Mentions,
};

/// The settings of a stanza or entry, with values as the conf file writes them.
pub type Settings = HashMap<String, String, RandomState>;

/// Settings that name the app of a search, as an answer, a row and this program call it.
pub const SPACE: [&str; 3] = ["eai:acl.app", "eai:appName", "app"];

/// Turns a saved search into a rule.
pub fn rule(name: &str, place: Place, settings: &Settings) -> Rule {
    let get = |key: &str| settings.get(key).map(String::as_str).filter(|text| !text.is_empty());
    let annotations = get("action.correlationsearch.annotations").and_then(structure);
    let mut techniques = Mentions::default();
    match annotations.as_ref() {
        Some(annotations) => techniques_of(annotations, &mut techniques),
        // Not readable as a structure: what stands behind the framework's name is taken as a list.
        None => get("action.correlationsearch.annotations").map(behind_the_framework).into_iter().for_each(
            |list| {
                techniques.add_text(list);
            },
        ),
    }
    if techniques.is_empty() {
        get("action.escu.mappings")
            .and_then(structure)
            .iter()
            .for_each(|mappings| techniques_of(mappings, &mut techniques));
    }
    let enabled = Enabled::from(settings.get("disabled").map(|text| !is_on(text)));
    let listed = |key: &str| get(key).and_then(structure);
    let data_sources = annotations
        .as_ref()
        .and_then(|annotations| annotations.get("data_source").cloned())
        .or_else(|| listed("action.escu.data_source"))
        .or_else(|| get("data_source").map(Value::from));
    let search = get("search").unwrap_or_default();
    let data_models = listed("action.escu.data_models");
    let (sources, one_of) = sources(name, search, data_sources.as_ref(), data_models.as_ref());
    Rule {
        space: SPACE.iter().find_map(|key| get(key)).map(str::to_owned),
        revised: get("updated").map(str::to_owned),
        enabled,
        silent: silent(settings, annotations.as_ref()),
        techniques,
        sources,
        one_of,
        ..Rule::new(name, place)
    }
}

/// A JSON or Python structure, also one that was put into a string once or twice more.
fn structure(text: &str) -> Option<Value> {
    let mut value = literal::parse(text)?;
    for _ in 0..3 {
        match value {
            Value::String(inner) => value = literal::parse(&inner)?,
            structure => return Some(structure),
        }
    }
    None
}

/// Returns true for a member of the annotations that holds ATT&CK techniques, however its authors spell it.
fn is_framework(key: &str) -> bool {
    if key == "mitre_attack" {
        return true;
    }
    let key: String = key.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(
        key.replace("attck", "attack").as_str(),
        "mitreattack"
            | "mitreattackid"
            | "mitreattackids"
            | "mitreattacktechnique"
            | "mitreattacktechniques"
            | "mitretechnique"
            | "mitretechniques"
            | "mitretechniqueid"
            | "mitreids"
            | "mitreid"
            | "mitre"
            | "attack"
    )
}

/// Adds the techniques of annotations or tags.
pub fn techniques_of(annotations: &Value, techniques: &mut Mentions) {
    if let Value::Object(members) = annotations {
        members
            .iter()
            .filter(|(key, _)| is_framework(key))
            .for_each(|(_, value)| techniques.add_value(value));
    }
}

/// Returns the text behind `mitre_attack` up to the end of its list.
fn behind_the_framework(text: &str) -> &str {
    let Some(start) = text.find("mitre_attack") else { return "" };
    let rest = text.get(start + "mitre_attack".len()..).unwrap_or_default();
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"':=\\".contains(c));
    rest.find([']', '}']).and_then(|end| rest.get(..end)).unwrap_or(rest)
}

/// Returns true for the texts that Splunk takes for true.
fn is_on(text: &str) -> bool {
    ["1", "true", "t", "yes", "y"].iter().any(|on| text.trim().eq_ignore_ascii_case(on))
}

/// Alert actions that don't alert anybody: they score, keep or describe.
const QUIET_ACTIONS: [&str; 9] = [
    "risk",
    "escu",
    "lookup",
    "populate_lookup",
    "summary_index",
    "summary_metric_index",
    "outputlookup",
    "keyindicator",
    "makestreams",
];

/// Returns the reason why the search raises no alert.
fn silent(settings: &Settings, annotations: Option<&Value>) -> Option<Silent> {
    let is = |key: &str| settings.get(key).is_some_and(|value| is_on(value));
    if !is("enableSched") && !is("is_scheduled") {
        return Some(Silent::NotScheduled);
    }
    let said_type = |value: &Value| value.get("type").and_then(Value::as_str).map(str::to_lowercase);
    if annotations.and_then(said_type).is_some_and(|kind| kind == "hunting") {
        return Some(Silent::Hunting);
    }
    let listed = settings.get("actions").map(String::as_str).unwrap_or_default();
    let mut actions: Vec<&str> =
        listed.split(',').map(str::trim).filter(|action| !action.is_empty()).collect();
    for (key, value) in settings {
        if let Some(action) = key.strip_prefix("action.")
            && !action.contains('.')
            && is_on(value)
        {
            actions.push(action);
        }
    }
    let loud = |action: &&str| !QUIET_ACTIONS.contains(action) && *action != "correlationsearch";
    if is("alert.track") || actions.iter().any(loud) {
        None
    } else if actions.contains(&"risk") {
        // Also of a correlation search: an intermediate finding is a score, and another search alerts on scores.
        Some(Silent::RiskOnly)
    } else if is("action.correlationsearch.enabled") {
        // An export that leaves out the actions says that it is a correlation search, and those alert.
        None
    } else {
        Some(Silent::NoAlertAction)
    }
}

/// Returns the log sources that the search names, and those of which any may feed it.
pub fn sources(
    name: &str,
    search: &str,
    data_sources: Option<&Value>,
    data_models: Option<&Value>,
) -> (Vec<String>, Vec<String>) {
    let mut sources = search::sources(search);
    let mut one_of = Vec::new();
    texts(data_sources, &mut |text| {
        one_of.extend(text.split(" AND ").map(|name| format!("data_source:{}", name.trim())));
    });
    if sources.is_empty() && one_of.is_empty() {
        texts(data_models, &mut |model| sources.push(format!("datamodel:{model}")));
    }
    let mixed = |name: &String| name.starts_with("datamodel:Endpoint");
    if sources.iter().any(mixed)
        && let Some(system) = search::system(name, search)
    {
        sources.iter_mut().filter(|name| mixed(name)).for_each(|name| *name = format!("{name} on {system}"));
    }
    (sources, one_of)
}

/// Calls `with` for each text of a list, or for a text alone.
fn texts(value: Option<&Value>, with: &mut impl FnMut(&str)) {
    match value {
        Some(Value::String(text)) => {
            text.split([';', ',']).map(str::trim).filter(|t| !t.is_empty()).for_each(with)
        }
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::trim).filter(|t| !t.is_empty()).for_each(with);
        }
        _ => {}
    }
}
