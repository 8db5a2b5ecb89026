//! Sumo Logic Cloud SIEM: rules as the interface lists them, and the vendor's catalogue as JSON and CSV. The layer that
//! its coverage page exports is refused: its scores are classes of rule counts, and the lowest holds "no rule" as well
//! as "ten rules".

use serde_json::Value;

use super::navigator;
use crate::{
    domain::snapshot::Source,
    sources::{
        detect::{Reader, TAGS},
        formats::{
            json::{self, Kept, Object, Objects, Use, Wanted},
            query::{Token, compared, tokens},
            table, text,
        },
        pages,
        reading::{Enabled, Input, Place, ReadError, Reading, Rule, Silent},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Sumo,
    claims: |name| name.ends_with(".json") || name.ends_with(".csv"),
    recognises: |text| {
        let has = |what: &str| text::has(text, what);
        match json::is_json(text) {
            true => {
                has("\"isPrototype\"") && has("\"ruleType\"")
                    || has("\"is_prototype\"") && has("\"id_compiled\"")
            }
            false => is_catalogue(&table::headings(text)),
        }
    },
    read,
    layers: &[],
    forms: "answers of the rules interface, the rule catalogue as JSON or CSV",
    untagged: TAGS,
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/sumo.json")),
};

const PROTOTYPE: [&str; 2] = ["prototype_enabled", "is_prototype"];

fn is_catalogue(headings: &[String]) -> bool {
    table::has(headings, &["rule_id"]) && table::has(headings, &PROTOTYPE) && table::has(headings, &["tags"])
}

/// Reads the rules of one file.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        if !json::is_json(&text) {
            table::rows(&text, |row| {
                reading.rules.push(listed(input, &row));
                Ok(())
            })?;
            continue;
        }
        let all = json::objects::<Kept<Members>>(&input.name, &text, &["data", "objects"])?;
        let mut objects = Objects { pages: all.pages, ..Objects::default() };
        for (place, object) in all.found {
            if object.contains_key("techniques") && object.contains_key("domain") {
                return Err(ReadError::new(&input.name, None, navigator::SUMO_LAYER));
            }
            if object.contains_key("tags") || object.contains_key("name") {
                objects.found.push((place, object));
                continue;
            }
            // The catalogue: rule id -> rule.
            for (item, (_, value)) in object.into_iter().enumerate() {
                match value {
                    Value::Object(object) => objects.found.push((Place::item(&input.name, item + 1), object)),
                    _ => reading.skip("not_a_rule"),
                }
            }
        }
        json::rules(objects, &mut reading, |place, object| Ok(rule(place, &object)));
    }
    Ok(reading)
}

/// The members of a rule that are read.
struct Members;

impl Wanted for Members {
    fn of(key: &str) -> Use {
        const MEMBERS: [&str; 19] = [
            "deleted",
            "domain",
            "enabled",
            "enabled_by_default",
            "hasOverride",
            "id",
            "id_compiled",
            "isPrototype",
            "isPrototypeOverride",
            "is_prototype",
            "lastUpdated",
            "name",
            "product_direct_ref",
            "product_guids",
            "status",
            "tags",
            "tagsOverride",
            "techniques",
            "vendor_direct_ref",
        ];
        // The catalogue has a rule's id as its key.
        let is_id = || {
            key.contains('-')
                && key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
        };
        match key {
            "data" | "objects" => Use::Inside,
            _ if MEMBERS.contains(&key) || EXPRESSIONS.contains(&key) || pages::is_member(key) => Use::Whole,
            _ if is_id() => Use::Inside,
            _ => Use::Nothing,
        }
    }
}

fn rule(place: Place, object: &Object) -> Rule {
    let flag = |keys: [&str; 2]| keys.iter().find_map(|key| json::flag(object, key));
    let overridden = |key: &str| object.get(key).and_then(|both| both.get("override"));
    let prototype = overridden("isPrototypeOverride")
        .and_then(Value::as_bool)
        .or_else(|| flag(["isPrototype", "is_prototype"]))
        .unwrap_or_default();
    let failed = object.get("status").and_then(|status| status.get("status")).and_then(Value::as_str);
    let failed = failed.is_some_and(|status| status.ends_with("DISABLED"));
    let off = failed || json::flag(object, "deleted") == Some(true);
    // What the organisation's own tags are; an empty list without an override is just the answer's shape.
    let own = overridden("tagsOverride").filter(|tags| match tags.as_array() {
        Some(tags) => !tags.is_empty() || json::flag(object, "hasOverride") == Some(true),
        None => false,
    });
    Rule {
        id: ["id", "id_compiled"].iter().find_map(|key| json::text(object, key)).map(str::to_owned),
        revised: json::text(object, "lastUpdated").map(str::to_owned),
        enabled: if off { Enabled::No } else { flag(["enabled", "enabled_by_default"]).into() },
        silent: prototype.then_some(Silent::Prototype),
        techniques: techniques(json::texts(own.or_else(|| object.get("tags")))),
        one_of: sources(object),
        ..Rule::new(json::text(object, "name").unwrap_or_default(), place)
    }
}

/// A row of the catalogue's table.
fn listed(input: &Input, row: &table::Row<'_>) -> Rule {
    let text = |heading: &str| row.get(&[heading]).unwrap_or_default();
    let on = |text: &str| text.eq_ignore_ascii_case("true");
    let names = |kind: &str, heading: &str| -> Vec<String> {
        let parts = text(heading).split(',').map(str::trim).filter(|name| !name.is_empty());
        parts.map(|name| format!("{kind}:{name}")).collect()
    };
    let products = names("product", "product_direct_ref");
    Rule {
        id: row.get(&["rule_id"]).map(str::to_owned),
        enabled: row.get(&["enabled_by_default", "enabled"]).map(on).into(),
        silent: row.get(&PROTOTYPE).is_some_and(on).then_some(Silent::Prototype),
        techniques: techniques(text("tags").split(',').map(str::trim)),
        one_of: if products.is_empty() { names("vendor", "vendor_direct_ref") } else { products },
        ..Rule::new(text("name"), Place::line(&input.name, row.line()))
    }
}

/// `_mitreAttackTechnique:T1059.001`; the ids of `_mitreAtlasTechnique` are of another matrix.
fn techniques<'t>(tags: impl Iterator<Item = &'t str>) -> Mentions {
    let mut mentions = Mentions::default();
    for (key, value) in tags.filter_map(|tag| tag.split_once(':')) {
        if key.trim().eq_ignore_ascii_case("_mitreAttackTechnique") {
            mentions.add_text(value);
        }
    }
    mentions
}

/// The members that hold expressions.
const EXPRESSIONS: [&str; 10] = [
    "expression",
    "matchExpression",
    "match_expression",
    "filterExpression",
    "filter_expression",
    "triggerExpression",
    "trigger_expression",
    "expressionsAndLimits",
    "expressions_and_limits",
    "valueExpression",
];

/// The products that the expressions ask for, else the vendors; the catalogue also lists every product whose records
/// have the fields that a rule needs.
fn sources(object: &Object) -> Vec<String> {
    let (mut products, mut vendors) = (Vec::new(), Vec::new());
    let expressions = EXPRESSIONS.iter().filter_map(|key| object.get(*key)).flat_map(|value| match value {
        Value::Array(steps) => steps.iter().filter_map(|step| step.get("expression")?.as_str()).collect(),
        other => other.as_str().into_iter().collect::<Vec<_>>(),
    });
    for expression in expressions {
        let tokens = affirmed(&tokens(expression));
        let named = |kind: &str, field: &str| {
            let values = compared(&tokens, |word| word == field).into_iter().take(100);
            values.map(|name| format!("{kind}:{name}")).collect::<Vec<_>>()
        };
        products.extend(named("product", "metadata_product"));
        vendors.extend(named("vendor", "metadata_vendor"));
    }
    let listed =
        |kind: &str, key: &str| json::texts(object.get(key)).map(|name| format!("{kind}:{name}")).collect();
    let kinds = [
        listed("product", "product_direct_ref"),
        products,
        listed("vendor", "vendor_direct_ref"),
        vendors,
        listed("guid", "product_guids"),
    ];
    kinds.into_iter().find(|names| !names.is_empty()).unwrap_or_default()
}

/// The tokens without what stands in brackets behind `NOT`.
fn affirmed<'q>(tokens: &[Token<'q>]) -> Vec<Token<'q>> {
    let mut kept = Vec::new();
    let mut depth = 0_usize;
    for token in tokens {
        let negated = matches!(kept.last(), Some(Token::Word(word)) if word.eq_ignore_ascii_case("not"));
        match token {
            Token::Sign('(') if depth > 0 || negated => depth += 1,
            Token::Sign(')') if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    kept.pop();
                }
            }
            _ if depth > 0 => {}
            _ => kept.push(*token),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = r#"{"id": "MATCH-U00001", "name": "Odd sign-in", "enabled": true, "isPrototype": false, "ruleType": "templated match",
        "expression": "metadata_vendor = 'Okta' AND metadata_product = 'Single Sign-On' AND NOT (metadata_product = 'Azure')",
        "tags": ["_mitreAttackTactic:TA0001", "_mitreAttackTechnique:T1078.004", "_mitreAtlasTechnique:AML.T0012", "own:T1003"]}"#;

    fn rules(text: &str) -> Vec<Rule> {
        assert!((READER.recognises)(text), "{text}");
        read(&[Input::new("r", text)]).unwrap().rules
    }

    fn ids(rule: &Rule) -> Vec<String> {
        rule.techniques.ids.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn answers_of_the_interface() {
        let answer = format!("{{\"data\": {{\"objects\": [{RULE}], \"total\": 1}}, \"errors\": []}}");
        let [rule] = rules(&answer).try_into().unwrap();
        assert_eq!((rule.enabled, rule.silent), (Enabled::Yes, None));
        assert_eq!(ids(&rule), ["T1078.004"]);
        assert_eq!(rule.one_of, ["product:Single Sign-On"]);
    }

    #[test]
    fn overrides_and_states() {
        let with = |members: &str| rules(&RULE.replacen('{', &format!("{{{members}, "), 1)).remove(0);
        let tags = r#""tagsOverride": {"original": [], "override": ["_mitreAttackTechnique:T1110"]}"#;
        assert_eq!(ids(&with(tags)), ["T1110"]);
        assert_eq!(ids(&with(r#""tagsOverride": {"original": [], "override": []}"#)), ["T1078.004"]);
        let removed = r#""hasOverride": true, "tagsOverride": {"original": [], "override": []}"#;
        assert!(with(removed).techniques.is_empty());
        assert_eq!(with(r#""isPrototypeOverride": {"override": true}"#).silent, Some(Silent::Prototype));
        assert_eq!(with(r#""status": {"status": "FAILED_AND_DISABLED"}"#).enabled, Enabled::No);
        assert_eq!(with(r#""status": {"status": "ACTIVE"}"#).enabled, Enabled::Yes);
    }

    #[test]
    fn the_catalogue_as_json_and_csv() {
        let json = r#"{"MATCH-S00001": {"id": 1, "id_compiled": "MATCH-S00001", "name": "A", "enabled_by_default": false,
            "is_prototype": true, "tags": ["_mitreAttackTechnique:T1059"], "product_direct_ref": [], "product_guids": ["g"]}}"#;
        let csv = "\"vendor_direct_ref\",\"product_direct_ref\",\"rule_id\",\"enabled_by_default\",\"prototype_enabled\",\"tags\",\"name\"\n\
            \"Cisco\",\"\",\"MATCH-S00001\",\"False\",\"True\",\"_mitreAttackTactic:TA0002, _mitreAttackTechnique:T1059\",\"A\"\n";
        for (text, named, place) in [(json, "guid:g", "r, item 1"), (csv, "vendor:Cisco", "r:2")] {
            let [rule] = rules(text).try_into().unwrap();
            assert_eq!((rule.enabled, rule.silent), (Enabled::No, Some(Silent::Prototype)));
            assert_eq!((ids(&rule), rule.id.as_deref()), (vec!["T1059".to_owned()], Some("MATCH-S00001")));
            assert_eq!((rule.one_of.join(" "), rule.place.to_string()), (named.to_owned(), place.to_owned()));
        }
    }

    #[test]
    fn its_layer_is_refused_with_the_reason() {
        let layer = r#"{"name": "Sumo Logic Cloud SIEM", "domain": "enterprise-attack", "techniques": [{"techniqueID": "T1059", "score": 0}]}"#;
        for read in [read, navigator::read] {
            let error = read(&[Input::new("r", layer)]).unwrap_err().to_string();
            assert!(error.contains("ten rules or fewer"), "{error}");
        }
        assert!(navigator::read(&[Input::new("r", layer.replace("Sumo Logic", "Own"))]).is_ok());
    }

    #[test]
    fn several_products_and_steps_are_alternatives() {
        let text = RULE.replace("\"expression\"", "\"own\"").replacen(
            '{',
            r#"{"expressionsAndLimits": [{"expression": "lower(metadata_product) IN ('windows', 'azure')"}, {"expression": "metadata_vendor = 'Linux'"}], "#,
            1,
        );
        assert_eq!(rules(&text)[0].one_of, ["product:windows", "product:azure"]);
    }
}
