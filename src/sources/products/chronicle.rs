//! Google Security Operations (Chronicle): rules in YARA-L, as files or as the interface lists them.

mod state;

use serde_json::Value;

use crate::{
    domain::snapshot::Source,
    sources::{
        detect::{Reader, TAGS},
        formats::{
            json::{self, Kept, Objects, Use, Wanted},
            query::{Token, compared, tokens},
            text,
        },
        pages,
        reading::{Input, Place, ReadError, Reading, Rule, Silent},
        technique_ids::Mentions,
    },
};

pub const READER: Reader = Reader {
    source: Source::Chronicle,
    claims: |name| {
        [".yaral", ".yara-l", ".json"].iter().any(|end| name.ends_with(end))
            || name.starts_with("rule_config.y")
    },
    recognises: |text| match json::is_json(text) {
        true => {
            text_of(text).is_some() && text::has(text, "condition:") || text::has(text, "\"ruleDeployments\"")
        }
        false => {
            if state::is_config(text) {
                return true;
            }
            let starts = |start: &str| text.lines().any(|line| line.trim_start().starts_with(start));
            text::has(text, "condition:") && starts("rule ") && starts("events:") && starts("condition:")
        }
    },
    read,
    layers: &[],
    forms: "rules in YARA-L, answers of the interface, the content manager's folder",
    untagged: TAGS,
    crosswalk: Some(include_str!("../../../catalogue/crosswalk/chronicle.json")),
};

/// The names of a rule's text in the versions of the interface.
const TEXT: [&str; 2] = ["ruleText", "text"];

fn text_of(json: &str) -> Option<&'static str> {
    TEXT.into_iter().find(|key| text::has(json, &format!("\"{key}\"")))
}

/// Reads the rules of one file, or the states that it keeps of rules in other files.
pub fn read(inputs: &[Input]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for input in inputs {
        let text = text::decode(input)?;
        if state::is_config(&text) {
            state::config(&input.name, &text, &mut reading)?;
        } else if json::is_json(&text) {
            let objects = json::objects::<Kept<Members>>(&input.name, &text, &["rules", "ruleDeployments"])?;
            answer(objects, &mut reading);
        } else {
            let found = rules(&text, |line| Place::line(&input.name, line));
            if found.is_empty() {
                return Err(ReadError::new(&input.name, None, "has no YARA-L rule."));
            }
            reading.rules.extend(found);
        }
    }
    Ok(reading)
}

/// The members of an answer that are read.
struct Members;

impl Wanted for Members {
    fn of(key: &str) -> Use {
        match key {
            "rules" | "ruleDeployments" => Use::Inside,
            "name" | "ruleId" | "displayName" | "ruleName" | "tags" => Use::Whole,
            _ if TEXT.contains(&key) || state::is_member(key) || pages::is_member(key) => Use::Whole,
            _ => Use::Nothing,
        }
    }
}

/// Takes an answer of the interface in: rules with or without their state, or states alone.
fn answer(objects: Objects, reading: &mut Reading) {
    reading.pages.extend(objects.pages);
    // The interface leaves out what is false: where one rule tells its state, the others do as well.
    let told = state::Told::of(objects.found.iter().map(|(_, object)| object));
    for (place, object) in objects.found {
        let resource = json::text(&object, "name").and_then(state::rule_of);
        match TEXT.iter().find_map(|key| object.get(*key).and_then(Value::as_str)) {
            Some(text) => {
                let names =
                    ["ruleId", "displayName", "ruleName"].iter().filter_map(|key| json::text(&object, key));
                let called: Vec<String> = names.chain(resource).map(str::to_owned).collect();
                let state = told.state(&object);
                for mut rule in rules(text, |_| place.clone()) {
                    json::texts(object.get("tags")).for_each(|tag| rule.techniques.add_tag(tag));
                    rule.called.extend(called.iter().cloned());
                    rule.enabled = state.enabled;
                    rule.silent = rule.silent.or(state.silent);
                    reading.rules.push(rule);
                }
            }
            None => match resource.filter(|_| state::is_deployment(&object)) {
                Some(rule) => {
                    reading.states.insert(rule.to_lowercase(), state::Told::ALL.state(&object));
                }
                None => reading.skip("not_a_rule"),
            },
        }
    }
}

/// The rules of a text.
fn rules(text: &str, place: impl Fn(usize) -> Place) -> Vec<Rule> {
    let mut starts: Vec<usize> = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let word = line.trim_start().strip_prefix("rule").unwrap_or_default();
        if word.starts_with([' ', '\t'])
            && word.trim_start().starts_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            starts.push(offset);
        }
        offset += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let mut line = 1;
    let mut counted = 0;
    let mut found = Vec::new();
    for (start, end) in starts.iter().copied().zip(ends) {
        line += text::line_of(text.as_bytes().get(counted..start).unwrap_or_default()) - 1;
        counted = start;
        found.extend(text.get(start..end).and_then(|text| rule(text, place(line))));
    }
    found
}

fn rule(text: &str, place: Place) -> Option<Rule> {
    let tokens = tokens(text);
    let name = match tokens.as_slice() {
        [Token::Word("rule"), Token::Word(name), Token::Sign('{'), ..] => *name,
        _ => return None,
    };
    let meta = meta(&tokens);
    let get =
        |key: &str| meta.iter().find(|(other, _)| other.eq_ignore_ascii_case(key)).map(|(_, value)| *value);
    let hunting = get("type").is_some_and(|kind| kind.to_lowercase().starts_with("hunt"));
    Some(Rule {
        // Two rules of one name cannot be.
        id: Some(get("rule_id").unwrap_or(name).to_owned()),
        called: vec![name.to_owned()],
        silent: hunting.then_some(Silent::Hunting),
        techniques: techniques(&meta),
        one_of: sources(&tokens, &meta),
        ..Rule::new(get("rule_name").unwrap_or(name), place)
    })
}

/// The texts of the section `meta`.
fn meta<'q>(tokens: &[Token<'q>]) -> Vec<(&'q str, &'q str)> {
    let start_of = |tokens: &[Token<'_>], section: &str| {
        let is =
            |pair: &[Token<'_>]| matches!(pair, [Token::Word(word), Token::Sign(':')] if *word == section);
        tokens.windows(2).position(is)
    };
    let Some(start) = start_of(tokens, "meta") else { return Vec::new() };
    let section = tokens.get(start + 2..).unwrap_or_default();
    let end = start_of(section, "events").unwrap_or(section.len());
    let entry = |three: &[Token<'q>]| match three {
        [Token::Word(key), Token::Sign('='), Token::Text(value)] => Some((*key, *value)),
        _ => None,
    };
    section.get(..end).unwrap_or_default().windows(3).filter_map(entry).collect()
}

/// Finds the techniques in `meta`, whose members authors name as they like: those for techniques have one of these words
/// in their name. The names of techniques count where none of the members has an id.
fn techniques(meta: &[(&str, &str)]) -> Mentions {
    let named = |word: &str| {
        let key =
            move |(key, value): &(&str, &str)| key.to_lowercase().contains(word).then(|| (*value).to_owned());
        meta.iter().filter_map(key).collect::<Vec<String>>()
    };
    let mut mentions = Mentions::default();
    for value in named("mitre").iter().chain(&named("technique")).chain(&named("tags")) {
        mentions.add_tag(value);
    }
    if mentions.is_empty() {
        named("technique").iter().for_each(|value| mentions.add_text(value));
    }
    mentions
}

/// The products that the events are asked for, or else what `meta` says. Any of them may feed the rule.
fn sources(tokens: &[Token<'_>], meta: &[(&str, &str)]) -> Vec<String> {
    let asked =
        |field: &str| compared(tokens, |word| word.ends_with(field)).into_iter().take(50).collect::<Vec<_>>();
    let types = asked("metadata.log_type").into_iter().map(|name| format!("log_type:{name}"));
    let vendors = asked("metadata.vendor_name");
    let products = asked("metadata.product_name");
    let products = products.into_iter().map(|name| match vendors.first() {
        Some(vendor) => format!("product:{vendor}/{name}"),
        None => format!("product:{name}"),
    });
    let from_meta = |keys: &[&str]| -> Vec<String> {
        let value = keys.iter().find_map(|key| meta.iter().find(|(other, _)| other == key));
        let parts = value.into_iter().flat_map(|(_, value)| value.split(','));
        parts.map(str::trim).filter(|name| !name.is_empty()).map(|name| format!("meta:{name}")).collect()
    };
    let kinds = [
        types.chain(products).collect(),
        vendors.iter().map(|name| format!("vendor:{name}")).collect(),
        from_meta(&["data_source", "product", "platform", "service", "category"]),
    ];
    let mut names: Vec<String> = kinds.into_iter().find(|names| !names.is_empty()).unwrap_or_default();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::reading::Enabled;

    const RULES: &str = r#"// two rules
rule odd_sign_in {
  meta:
    rule_name = "Odd sign-in"
    rule_id = "mr_1"
    type = "Alert"
    data_source = "Okta"
    mitre_attack_technique = "Valid Accounts: Cloud Accounts"
    mitre_attack_url = "https://attack.mitre.org/techniques/T1078/004/"

  events:
    $e.metadata.product_name = "Okta"
    re.regex($e.target.user.userid, `meta: rule x {`)

  condition:
    $e
}

rule dump {
  meta:
    mitre = "credential_access, t1003"
    product = "windows, linux"
    type = "hunt"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
  condition:
    $e
}
"#;

    fn ids(rule: &Rule) -> Vec<String> {
        rule.techniques.ids.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn files_of_rules() {
        assert!((READER.recognises)(RULES));
        let [first, second] = read(&[Input::new("r.yaral", RULES)]).unwrap().rules.try_into().unwrap();
        assert_eq!((first.name.as_str(), first.id.as_deref()), ("Odd sign-in", Some("mr_1")));
        assert_eq!((first.enabled, first.silent, first.place.line), (Enabled::Unspecified, None, Some(2)));
        assert_eq!(
            (ids(&first), first.one_of.join(" ")),
            (vec!["T1078.004".to_owned()], "product:Okta".to_owned())
        );
        assert!(first.techniques.names.is_empty());
        assert_eq!(
            (second.name.as_str(), second.silent, second.place.line),
            ("dump", Some(Silent::Hunting), Some(19))
        );
        assert_eq!(
            (ids(&second), second.one_of.join(" ")),
            (vec!["T1003".to_owned()], "meta:linux meta:windows".to_owned())
        );
        assert!(second.techniques.names.is_empty());
    }

    #[test]
    fn answers_of_the_interface_say_what_runs() {
        let one = &RULES[RULES.find("rule dump").unwrap()..];
        for (members, enabled, silent) in [
            (r#""liveRuleEnabled": true, "alertingEnabled": true"#, Enabled::Yes, None),
            (
                r#""liveRuleEnabled": true, "alertingEnabled": false"#,
                Enabled::Yes,
                Some(Silent::NoAlertAction),
            ),
            (r#""liveRuleEnabled": false"#, Enabled::No, None),
        ] {
            let text = Value::String(one.replace("hunt", "alert")).to_string();
            let answer = format!("{{\"rules\": [{{\"ruleText\": {text}, {members}}}, {{}}]}}");
            assert!((READER.recognises)(&answer));
            let reading = read(&[Input::new("r.json", answer)]).unwrap();
            let [rule] = reading.rules.as_slice() else { panic!("{reading:?}") };
            assert_eq!((rule.enabled, rule.silent), (enabled, silent));
            assert_eq!(reading.not_rules, [("not_a_rule", 1)].into());
        }
    }

    #[test]
    fn names_stand_in_where_there_is_no_id() {
        let text =
            RULES.replace("    mitre_attack_url = \"https://attack.mitre.org/techniques/T1078/004/\"\n", "");
        let rules = read(&[Input::new("r.yaral", text)]).unwrap().rules;
        assert_eq!(rules[0].techniques.names, ["Valid Accounts: Cloud Accounts".to_owned()].into());
        let error = read(&[Input::new("r.yaral", "nothing")]).unwrap_err();
        assert_eq!(error.to_string(), "r.yaral: has no YARA-L rule.");
    }
}
