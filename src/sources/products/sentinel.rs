//! Microsoft Sentinel: analytics rules as the portal exports them (an ARM template), as the REST interface, `az` or
//! PowerShell lists them, and as YAML; custom detections of Defender, which stand in the same portal.

mod form;
mod kql;
pub mod templates;

use serde_json::Value;

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::Reader,
        formats::{
            json::{self, Object},
            text, yaml,
        },
        reading::{Input, Place, ReadError, Reading, Rule, Silent},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Sentinel,
    claims: |name| [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end)),
    recognises: |text| match json::is_json(text) {
        true => form::is_of_this_product(text),
        false => {
            let has = |start: &str| text::has_line(text, start);
            let listed = || {
                let lists = ["analytics:", "Scheduled:", "NRT:"].iter().any(|key| has(key));
                lists && text.contains("query:") && text.contains("triggerOperator:")
            };
            let rule =
                || has("relevantTechniques:") || has("triggerOperator:") || has("requiredDataConnectors:");
            has("query:") && (rule() || form::KINDS.iter().any(|kind| has(&format!("kind: {kind}"))))
                || listed()
        }
    },
    read: |inputs| read(inputs, "alertRules"),
    layers: &[],
    forms: "the portal's export or another ARM template, answers of the REST interface or az, PowerShell's objects as JSON, \
            YAML, custom detections of Microsoft Graph",
    untagged: "Use api-version=2023-02-01 or later, which returns techniques, or name a folder of rule templates \
               with --templates DIR, or say them in a file of your own with --tags FILE.",
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/sentinel.json")),
};

/// Kinds that raise incidents out of what others detected, or whose detections are Microsoft's own and in no export.
const PASS_THROUGH: [&str; 4] =
    ["Fusion", "MicrosoftSecurityIncidentCreation", "MLBehaviorAnalytics", "ThreatIntelligence"];

/// Reads the resources of one type, as its path calls it: rules or templates. YAML is the same for both.
fn read(inputs: &[Input], resource: &str) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        if json::is_json(&text) {
            let objects = form::objects(&input.name, &text)?;
            let resource = format!("/{resource}");
            json::rules(objects, &mut reading, |place, object| of_object(place, &object, &resource));
            continue;
        }
        for (place, document) in yaml::documents::<Value>(&input.name, &text)? {
            if document.as_object().is_some_and(form::holds_list) {
                let objects = form::of_yaml(&place, document);
                json::rules(objects, &mut reading, |place, object| of_object(place, &object, "/"));
                continue;
            }
            match document {
                Value::Object(object) if object.contains_key("query") || object.contains_key("kind") => {
                    let id = ["id", "name"].iter().find_map(|key| identifier(json::text(&object, key)?));
                    reading.rules.push(Rule { id, ..rule(place, &object, &object) });
                }
                _ => reading.skip("not_a_rule"),
            }
        }
    }
    Ok(reading)
}

/// An object of a JSON export as a rule, or what it is instead.
fn of_object(place: Place, object: &Object, resource: &str) -> Result<Rule, &'static str> {
    if let Some(condition) = object.get("queryCondition") {
        return Ok(custom_detection(place, object, condition));
    }
    // `az` and PowerShell write the properties beside the id.
    let properties = object.get("properties").and_then(Value::as_object).unwrap_or(object);
    let path = |key| json::text(object, key).is_some_and(|path| path.contains(resource));
    let of_type = object.contains_key("kind") && (path("type") || path("id"));
    // What neither has an id nor says its type is of a module that lists rules by kind.
    let plain =
        !object.contains_key("type") && !object.contains_key("id") && properties.contains_key("displayName");
    if of_type || plain && ["query", "kind"].iter().any(|key| object.contains_key(*key)) {
        let id = ["name", "id"].iter().find_map(|key| identifier(json::text(object, key)?));
        return Ok(Rule { id, ..rule(place, object, properties) });
    }
    Err("not_a_rule")
}

fn rule(place: Place, object: &Object, properties: &Object) -> Rule {
    let mut techniques = Mentions::default();
    for key in ["techniques", "subTechniques", "relevantTechniques"] {
        properties.get(key).into_iter().for_each(|value| techniques.add_value(value));
    }
    let kind = json::text(object, "kind").unwrap_or_default();
    // Hunting queries are kept beside the rules, and look like them but for what would run them.
    let hunting =
        kind.is_empty() && !["severity", "queryFrequency"].iter().any(|key| properties.contains_key(*key));
    let silent = match PASS_THROUGH.iter().any(|other| other.eq_ignore_ascii_case(kind)) {
        true => Some(Silent::PassThrough),
        false => hunting.then_some(Silent::Hunting),
    };
    let (sources, one_of) = sources(properties);
    let name = ["displayName", "name"].iter().find_map(|key| json::text(properties, key)).unwrap_or_default();
    // A template writes a bracket at the start of a text twice.
    let name = if name.starts_with("[[") { name.get(1..).unwrap_or_default() } else { name };
    Rule {
        revised: json::text(properties, "lastModifiedUtc").map(str::to_owned),
        enabled: json::flag(properties, "enabled").into(),
        silent,
        techniques,
        sources,
        one_of,
        template: json::text(properties, "alertRuleTemplateName").map(str::to_lowercase),
        ..Rule::new(name, place)
    }
}

/// A custom detection of Defender, as Microsoft Graph lists it.
fn custom_detection(place: Place, object: &Object, condition: &Value) -> Rule {
    let mut techniques = Mentions::default();
    let template = object.get("detectionAction").and_then(|action| action.get("alertTemplate"));
    for key in ["mitreTechniques", "mitreTechnique"] {
        template
            .and_then(|template| template.get(key))
            .into_iter()
            .for_each(|value| techniques.add_value(value));
    }
    let query = condition.get("queryText").and_then(Value::as_str).map(kql::sources).unwrap_or_default();
    let (sources, one_of) = if query.any_of { (Vec::new(), query.names) } else { (query.names, Vec::new()) };
    Rule {
        id: json::text(object, "id").map(str::to_lowercase),
        // Numbered, beside rules with ids of their own.
        space: Some("defender".to_owned()),
        revised: json::text(object, "lastModifiedDateTime").map(str::to_owned),
        enabled: json::flag(object, "isEnabled").or_else(|| json::flag(object, "enabled")).into(),
        techniques,
        sources,
        one_of,
        ..Rule::new(json::text(object, "displayName").unwrap_or_default(), place)
    }
}

/// The GUID at the end of a path or an expression of ARM's.
fn identifier(path: &str) -> Option<String> {
    let end = path.trim_end_matches(|c: char| !c.is_alphanumeric());
    let id = end.rsplit(['/', '\'']).next()?;
    let is_guid = id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    is_guid.then(|| id.to_lowercase())
}

/// The tables that the query needs; and those and the connectors of which any may feed it.
fn sources(properties: &Object) -> (Vec<String>, Vec<String>) {
    let query = json::text(properties, "query").map(kql::sources).unwrap_or_default();
    let connectors = json::items(properties.get("requiredDataConnectors"));
    let connectors =
        connectors.filter_map(|one| Some(format!("connector:{}", one.get("connectorId")?.as_str()?)));
    // `isfuzzy` says that the query runs where some of its tables do not exist.
    match query.any_of {
        true => (Vec::new(), query.names.into_iter().chain(connectors).collect()),
        false => (query.names, connectors.collect()),
    }
}

#[cfg(test)]
mod tests;
