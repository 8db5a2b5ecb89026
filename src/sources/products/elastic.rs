//! Elastic Security: the export of Kibana's rules page (one JSON object a line, with exceptions, connectors and the
//! export's own count behind the rules), the answer of the rules API, and rules as TOML.

use serde_json::{Map, Value};

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::{Reader, TAGS},
        formats::{
            json::{self, Kept, Object, Use, Wanted},
            query::{compared, tokens},
            text,
        },
        pages::{self, Page},
        reading::{Enabled, Input, Place, ReadError, Reading, Rule, Silent},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Elastic,
    claims: |name| [".ndjson", ".json", ".toml"].iter().any(|end| name.ends_with(end)),
    recognises: |text| {
        let has = |what: &str| text::has(text, what);
        match json::is_json(text) {
            true => has("\"rule_id\"") && has("\"risk_score\""),
            false => has("\n[rule]") && has("\nrule_id") && has("\nrisk_score"),
        }
    },
    read,
    layers: &[],
    forms: "Kibana's export, responses of the rules API, rules as TOML",
    untagged: TAGS,
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/elastic.json")),
};

/// Reads the rules of one file.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        if !json::is_json(&text) {
            reading.rules.push(toml(input, &text)?);
            continue;
        }
        let mut objects = json::objects::<Kept<Members>>(&input.name, &text, &ENVELOPES)?;
        let rules = objects.found.iter().filter(|(_, object)| is_rule(object)).count();
        // The last line counts what the others are.
        let count = |object: &Object, key: &str| {
            object.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or_default()
        };
        let (mut exported, mut missing) = (0, 0);
        objects.found.retain(|(_, object)| {
            let counts = !is_rule(object) && object.contains_key("exported_count");
            if counts {
                exported += count(object, "exported_rules_count");
                let listed = json::items(object.get("missing_rules")).count();
                missing += count(object, "missing_rules_count").max(listed);
            }
            !counts
        });
        let missing = missing.max(exported.saturating_sub(rules));
        if missing > 0 {
            objects.pages.push(Page { missing, ..Page::of(&input.name, rules) });
        }
        if objects.found.iter().any(|(_, object)| !is_rule(object) && object.contains_key("statusCode")) {
            let reason = "holds an error of Kibana among the rules, so the export ended early: export again.";
            return Err(ReadError::new(&input.name, None, reason));
        }
        json::rules(objects, &mut reading, |place, object| match is_rule(&object) {
            true => Ok(rule(place, &object, &Map::new())),
            false => Err("exception_or_connector"),
        });
    }
    Ok(reading)
}

fn is_rule(object: &Object) -> bool {
    object.contains_key("rule_id") && object.contains_key("risk_score")
}

/// Members that are around rules.
const ENVELOPES: [&str; 2] = ["data", "rules"];

/// The members of a rule that are read.
struct Members;

impl Wanted for Members {
    fn of(key: &str) -> Use {
        const MEMBERS: [&str; 18] = [
            "building_block_type",
            "enabled",
            "exported_count",
            "exported_rules_count",
            "index",
            "language",
            "missing_rules",
            "missing_rules_count",
            "name",
            "query",
            "related_integrations",
            "risk_score",
            "rule_id",
            "statusCode",
            "tags",
            "threat",
            "type",
            "updated_at",
        ];
        match key {
            _ if ENVELOPES.contains(&key) => Use::Inside,
            _ if MEMBERS.contains(&key) || pages::is_member(key) => Use::Whole,
            _ => Use::Nothing,
        }
    }
}

fn toml(input: &Input, text: &str) -> Result<Rule, ReadError> {
    let refuse = |line, reason: &str| ReadError::new(&input.name, line, reason);
    let document: Value = ::toml::from_str(text).map_err(|error| {
        let line =
            error.span().map(|span| text::line_of(text.as_bytes().get(..span.start).unwrap_or_default()));
        refuse(line, "is not valid TOML from here on.")
    })?;
    let table = |name: &str| document.get(name).and_then(Value::as_object);
    let rule_table =
        table("rule").ok_or_else(|| refuse(None, "is not an Elastic rule: it has no table [rule]."))?;
    let line = 1 + text.lines().position(|line| line.trim_end() == "[rule]").unwrap_or_default();
    Ok(rule(Place::line(&input.name, line), rule_table, table("metadata").unwrap_or(&Map::new())))
}

/// A rule's members; `metadata` is the table beside it in TOML.
fn rule(place: Place, rule: &Object, metadata: &Object) -> Rule {
    let enabled = match (json::flag(rule, "enabled"), json::text(metadata, "maturity")) {
        (Some(true), _) => Enabled::Yes,
        (Some(false), _) | (None, Some("deprecated" | "development")) => Enabled::No,
        (None, _) => Enabled::Unspecified,
    };
    let revised = json::text(rule, "updated_at").or_else(|| json::text(metadata, "updated_date"));
    Rule {
        id: json::text(rule, "rule_id").map(str::to_owned),
        revised: revised.map(str::to_owned),
        enabled,
        silent: json::text(rule, "building_block_type").map(|_| Silent::BuildingBlock),
        techniques: techniques(rule.get("threat")),
        one_of: sources(rule, metadata),
        ..Rule::new(json::text(rule, "name").unwrap_or_default(), place)
    }
}

fn techniques(threat: Option<&Value>) -> Mentions {
    let mut mentions = Mentions::default();
    // ATLAS has ids of its own that look alike.
    let attack = |entry: &&Value| {
        let framework = entry.get("framework").and_then(Value::as_str);
        framework.is_none_or(|name| name.to_uppercase().contains("ATT&CK"))
    };
    for technique in json::items(threat).filter(attack).flat_map(|entry| json::items(entry.get("technique")))
    {
        for one in [technique].into_iter().chain(json::items(technique.get("subtechnique"))) {
            one.get("id").and_then(Value::as_str).into_iter().for_each(|id| mentions.add_text(id));
        }
    }
    mentions
}

/// Returns the log sources of which any may feed the rule. The most telling kind of name that the rule has counts: index
/// patterns of integrations and beats, integrations, data sets in the query, tags, and last its own indices.
fn sources(rule: &Object, metadata: &Object) -> Vec<String> {
    let query = json::text(rule, "query").unwrap_or_default();
    let (mut patterns, mut own) = (Vec::new(), Vec::new());
    for index in json::texts(rule.get("index")).chain(indices_of_esql(rule, query)) {
        // `cluster:index` is the same index elsewhere.
        let index = index.rsplit(':').next().unwrap_or(index);
        match index {
            _ if index.starts_with(['-', '.']) || GENERIC.contains(&index) => {}
            _ if index.starts_with("logs-") || index.contains("beat-") || index.starts_with("endgame-") => {
                patterns.push(format!("index:{index}"));
            }
            _ => own.push(format!("index:{index}")),
        }
    }
    let related =
        json::items(rule.get("related_integrations")).filter_map(|one| {
            let package = one.get("package")?.as_str()?;
            let part = one.get("integration").and_then(Value::as_str).filter(|part| !part.is_empty());
            Some(part.map_or_else(
                || format!("integration:{package}"),
                |part| format!("integration:{package}.{part}"),
            ))
        });
    let integrations = json::texts(metadata.get("integration")).map(|name| format!("integration:{name}"));
    let tags = json::texts(rule.get("tags"))
        .filter_map(|tag| tag.strip_prefix("Data Source:"))
        .map(|name| format!("tag:{}", name.trim()));
    let kinds = [patterns, integrations.chain(related).collect(), data_sets(query), tags.collect(), own];
    kinds.into_iter().find(|names| !names.is_empty()).unwrap_or_default()
}

/// Patterns that say nothing: every integration and many beats write there.
const GENERIC: [&str; 8] =
    ["*", "logs-*", "logs-*-*", "filebeat-*", "metrics-*", "traces-*", "apm-*-transaction*", "traces-apm*"];

/// The indices behind `from`, where a query in ES|QL names them.
fn indices_of_esql<'q>(rule: &Object, query: &'q str) -> impl Iterator<Item = &'q str> {
    let is_esql = [json::text(rule, "language"), json::text(rule, "type")].contains(&Some("esql"));
    let head = query.get(..4).filter(|word| is_esql && word.eq_ignore_ascii_case("from"));
    let list = head
        .and_then(|_| query.get(4..))
        .and_then(|rest| rest.split(['|', '\n']).find(|part| !part.trim().is_empty()));
    let names = list.map(|list| list.split_once("metadata").map_or(list, |(names, _)| names));
    names
        .into_iter()
        .flat_map(|names| names.split(','))
        .map(|name| name.trim_matches([' ', '"', '\t', '\r']))
        .filter(|name| !name.is_empty())
}

/// The data sets and modules that a query asks for, as in `event.dataset : "okta.system"`.
fn data_sets(query: &str) -> Vec<String> {
    let fields = ["event.dataset", "data_stream.dataset", "event.module"];
    let names = compared(&tokens(query), |word| fields.contains(&word)).into_iter().take(100);
    names.map(|name| format!("dataset:{name}")).collect()
}

#[cfg(test)]
mod tests;
