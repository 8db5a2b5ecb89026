//! Palo Alto Networks Cortex XDR and XSIAM: correlation rules and BIOCs, as the console exports them and as the
//! interface answers.

use serde_json::Value;

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::{Reader, TAGS},
        formats::{
            json::{self, Kept, Object, Use, Wanted},
            literal,
            query::{Token, compared, tokens},
            text,
        },
        pages,
        reading::{Input, Place, ReadError, Reading, Rule, Silent},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Cortex,
    claims: |name| name.ends_with(".json"),
    recognises: |text| {
        let has = |what: &str| text::has(text, what);
        let rules = has("\"xql_query\"") || has("\"mitre_defs\"") || has("\"mitre_technique_id_and_name\"");
        json::is_json(text) && (rules || has("\"objects_type\"") && has("\"indicator\""))
    },
    read,
    layers: &[],
    forms: "exports of correlation rules and BIOCs, answers of the interface",
    untagged: TAGS,
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/cortex.json")),
};

/// Reads the rules of one file.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        let objects = json::objects::<Kept<Members>>(&input.name, &text, &ENVELOPES)?;
        json::rules(objects, &mut reading, |place, object| {
            let has = |key: &str| object.contains_key(key);
            if has("xql_query") || has("indicator") && (has("is_xql") || has("mitre_technique_id_and_name")) {
                Ok(rule(place, &object))
            } else {
                // An address or a hash to look for says nothing about a technique.
                Err(if has("indicator") { "indicator" } else { "not_a_rule" })
            }
        });
    }
    Ok(reading)
}

/// Members that are around rules.
const ENVELOPES: [&str; 3] = ["reply", "objects", "data"];

/// The members of a rule that are read.
struct Members;

impl Wanted for Members {
    fn of(key: &str) -> Use {
        const MEMBERS: [&str; 11] = [
            "action",
            "indicator",
            "is_enabled",
            "is_xql",
            "mitre_defs",
            "mitre_technique_id_and_name",
            "modification_time",
            "name",
            "rule_id",
            "status",
            "xql_query",
        ];
        match key {
            _ if ENVELOPES.contains(&key) => Use::Inside,
            _ if MEMBERS.contains(&key) || pages::is_member(key) => Use::Whole,
            _ => Use::Nothing,
        }
    }
}

fn rule(place: Place, object: &Object) -> Rule {
    let switch = json::flag(object, "is_enabled").or_else(|| json::flag(object, "status"));
    // A correlation may fill a data set or a lookup instead.
    let alerts =
        |action: &str| ["alert", "issue"].iter().any(|start| action.to_lowercase().starts_with(start));
    let quiet = json::text(object, "action").is_some_and(|action| !alerts(action));
    let (sources, one_of) = sources(object);
    // Each kind of rule is numbered from 1.
    let kind = if object.contains_key("xql_query") { "correlation" } else { "bioc" };
    Rule {
        id: object.get("rule_id").filter(|id| !id.is_null()).map(ToString::to_string),
        space: Some(kind.to_owned()),
        revised: object.get("modification_time").filter(|time| !time.is_null()).map(ToString::to_string),
        enabled: switch.into(),
        silent: quiet.then_some(Silent::NoAlertAction),
        techniques: techniques(object),
        sources,
        one_of,
        ..Rule::new(json::text(object, "name").unwrap_or_default(), place)
    }
}

fn techniques(object: &Object) -> Mentions {
    let mut mentions = Mentions::default();
    let read = object.get("mitre_defs").and_then(Value::as_str).and_then(literal::parse);
    // The members are named after tactics.
    let by_tactic = read.as_ref().or_else(|| object.get("mitre_defs")).and_then(Value::as_object);
    for listed in by_tactic.into_iter().flat_map(|map| map.values()) {
        json::texts(Some(listed)).for_each(|text| mentions.add_described(text));
    }
    json::texts(object.get("mitre_technique_id_and_name")).for_each(|text| mentions.add_described(text));
    mentions
}

/// The data sets that the query needs, and those of which any may feed it.
fn sources(object: &Object) -> (Vec<String>, Vec<String>) {
    let query = ["xql_query", "indicator"].iter().find_map(|key| json::text(object, key));
    let Some(query) = query else {
        let kind = object.get("indicator").and_then(|indicator| indicator.get("investigationType"));
        let kind = kind.and_then(Value::as_str).unwrap_or("any");
        return (vec![format!("bioc:{kind}")], Vec::new());
    };
    let tokens = tokens(query);
    let event_log =
        tokens.iter().any(|token| matches!(token, Token::Word(word) if word.ends_with("EVENT_LOG")));
    let mut names: Vec<String> = Vec::new();
    for kind in ["dataset", "preset"] {
        for name in compared(&tokens, |word| word == kind).into_iter().take(100) {
            let name = match (kind, name) {
                ("preset", name) => format!("preset:{name}"),
                // What the agents report; their copies of the event log are a source of their own.
                (_, "xdr_data") if event_log => "preset:xdr_event_log".to_owned(),
                // Collected logs end like this. The others are Cortex's own tables, or lists to compare with.
                (_, name) if name.ends_with("_raw") => format!("dataset:{name}"),
                (_, name) => format!("table:{name}"),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if names.is_empty() {
        // Where a query starts that names nothing.
        names.push("table:xdr_data".to_owned());
    }
    let any_of = tokens.windows(2).any(
        |pair| matches!(pair, [Token::Word("dataset"), Token::Word(word)] if word.eq_ignore_ascii_case("in")),
    );
    if any_of { (Vec::new(), names) } else { (names, Vec::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::reading::Enabled;

    const EXPORT: &str = r#"[{"rule_id": 7, "name": "Odd sign-in", "is_enabled": true, "action": "ALERTS",
        "xql_query": "// dataset = none_raw\ndataset = okta_sso_raw | join (dataset = vip_users) as v v.a = a | filter b = \"dataset = x_raw\"",
        "mitre_defs": {"TA0001 - Initial Access": ["T1078 - Valid Accounts", "T1078.004 - Valid Accounts: Cloud Accounts"], "TA0006 - Credential Access": []}}]"#;
    const BIOCS: &str = r#"{"objects_count": 3, "objects_type": "bioc", "objects": [
        {"rule_id": 1, "name": "A", "status": "ENABLED", "is_xql": false, "indicator": {"investigationType": "FILE_EVENT"},
         "mitre_technique_id_and_name": ["T1595.001 - Active Scanning: Scanning IP Blocks, all"]},
        {"rule_id": 2, "name": "B", "status": "DISABLED", "is_xql": true, "indicator": "preset = xdr_process | filter a", "mitre_technique_id_and_name": [""]},
        {"rule_id": 3, "indicator": "192.0.2.1", "type": "IP", "reputation": "BAD"}]}"#;

    fn rules(text: &str) -> Vec<Rule> {
        assert!((READER.recognises)(text), "{text}");
        read(&[Input::new("r.json", text)]).unwrap().rules
    }

    fn ids(rule: &Rule) -> Vec<String> {
        rule.techniques.ids.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn correlations() {
        let [rule] = rules(EXPORT).try_into().unwrap();
        assert_eq!((rule.enabled, rule.silent, rule.id.as_deref()), (Enabled::Yes, None, Some("7")));
        assert_eq!(ids(&rule), ["T1078", "T1078.004"]);
        assert_eq!(rule.sources, ["dataset:okta_sso_raw", "table:vip_users"]);
        let quiet = EXPORT.replace("ALERTS", "ADD_TO_LOOKUP");
        assert_eq!(rules(&quiet)[0].silent, Some(Silent::NoAlertAction));
        let answer = format!("{{\"reply\": {{\"objects_count\": 1, \"objects\": {EXPORT}}}}}");
        assert_eq!(ids(&rules(&answer)[0]), ["T1078", "T1078.004"]);
    }

    #[test]
    fn biocs_but_no_indicators() {
        let reading = read(&[Input::new("r.json", BIOCS)]).unwrap();
        let [first, second] = reading.rules.as_slice() else { panic!("{:?}", reading.rules) };
        assert_eq!((first.enabled, ids(first)), (Enabled::Yes, vec!["T1595.001".to_owned()]));
        assert!(first.techniques.names.is_empty());
        assert_eq!(first.sources, ["bioc:FILE_EVENT"]);
        assert_eq!((second.enabled, second.techniques.is_empty()), (Enabled::No, true));
        assert_eq!(second.sources, ["preset:xdr_process"]);
        assert_eq!(reading.not_rules, [("indicator", 1)].into());
    }

    #[test]
    fn techniques_in_every_notation() {
        for (member, expected) in [
            (
                r#""mitre_technique_id_and_name": "T1595.001 - Active Scanning: Scanning IP Blocks""#,
                vec!["T1595.001"],
            ),
            (r#""mitre_technique_id_and_name": "T1059 - A, B, T1078 - C""#, vec!["T1059", "T1078"]),
            (r#""mitre_defs": "{\"TA0002 - Execution\": [\"T1059 - Scripting\"]}""#, vec!["T1059"]),
            (r#""mitre_defs": {}"#, vec![]),
        ] {
            let [rule] = rules(&format!("{{\"xql_query\": \"x\", {member}}}")).try_into().unwrap();
            assert_eq!(ids(&rule), expected, "{member}");
            assert!(rule.techniques.names.is_empty(), "{member}");
            assert_eq!(rule.sources, ["table:xdr_data"]);
        }
    }

    #[test]
    fn data_sets_needed_and_alternative() {
        let named = |query: &str| {
            let [rule] = rules(&format!("{{\"xql_query\": \"{query}\"}}")).try_into().unwrap();
            (rule.sources.join(" "), rule.one_of.join(" "))
        };
        for (query, sources, one_of) in [
            ("dataset in (a_raw, b_raw) | filter x", "", "dataset:a_raw dataset:b_raw"),
            ("datamodel dataset = panw_ngfw_traffic_raw | filter x", "dataset:panw_ngfw_traffic_raw", ""),
            ("dataset = xdr_data | filter event_type = ENUM.EVENT_LOG", "preset:xdr_event_log", ""),
        ] {
            assert_eq!(named(query), (sources.to_owned(), one_of.to_owned()), "{query}");
        }
    }
}
