//! Microsoft Sentinel: analytics rules as the portal exports them (an ARM template), as the REST interface or `az`
//! lists them, and as YAML.

mod kql;
pub mod templates;

use serde_json::Value;

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::Reader,
        formats::{
            json::{self, Kept, Object, Wanted},
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
        true => text.contains("/alertRule") && text.contains("\"kind\""),
        false => {
            let has = |start: &str| text::has_line(text, start);
            has("query:")
                && (has("relevantTechniques:") || has("triggerOperator:") || has("requiredDataConnectors:"))
        }
    },
    read: |inputs| read(inputs, "alertRules"),
    layers: &[],
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
        if !json::is_json(&text) {
            for (place, document) in yaml::documents::<Value>(&input.name, &text)? {
                match document {
                    Value::Object(object) if object.contains_key("query") || object.contains_key("kind") => {
                        reading.rules.push(rule(place, &object, &object));
                    }
                    _ => reading.skip("not_a_rule"),
                }
            }
            continue;
        }
        let objects = json::objects::<Kept<Members>>(&input.name, &text, &["resources", "value"])?;
        let resource = format!("/{resource}");
        json::rules(objects, &mut reading, |place, object| {
            let path = |key| json::text(&object, key).is_some_and(|path| path.contains(&resource));
            if !(object.contains_key("kind") && (path("type") || path("id"))) {
                return Err("not_a_rule");
            }
            // `az` writes the properties beside the id.
            let properties = object.get("properties").and_then(Value::as_object).unwrap_or(&object);
            Ok(rule(place, &object, properties))
        });
    }
    Ok(reading)
}

/// The members of a rule that are read.
struct Members;

impl Wanted for Members {
    const ENVELOPES: &'static [&'static str] = &["resources", "value", "properties"];

    fn is_member(key: &str) -> bool {
        const MEMBERS: [&str; 14] = [
            "alertRuleTemplateName",
            "displayName",
            "enabled",
            "id",
            "kind",
            "name",
            "query",
            "queryFrequency",
            "relevantTechniques",
            "requiredDataConnectors",
            "severity",
            "subTechniques",
            "techniques",
            "type",
        ];
        MEMBERS.contains(&key)
    }
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
    let name = ["displayName", "name"].iter().find_map(|key| json::text(properties, key));
    Rule {
        name: name.unwrap_or_default().to_owned(),
        id: ["name", "id"].iter().find_map(|key| identifier(json::text(object, key)?)),
        place,
        enabled: json::flag(properties, "enabled").into(),
        silent,
        techniques,
        sources,
        one_of,
        template: json::text(properties, "alertRuleTemplateName").map(str::to_lowercase),
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
