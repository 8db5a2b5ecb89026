//! The part of a rule that another file holds: its state, or the correlation that it is a part of.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{Enabled, Reading, Rule, Silent, State};

/// Applies states and correlations to the rules, wherever each was read from.
pub fn link(reading: &mut Reading) {
    if !reading.states.is_empty() {
        let states = &reading.states;
        for rule in &mut reading.rules {
            let state = names(rule).find_map(|name| states.get(&name));
            if let Some(State { enabled, silent }) = state {
                rule.enabled = if *enabled == Enabled::Unspecified { rule.enabled } else { *enabled };
                rule.silent = rule.silent.or(*silent);
            }
        }
    }
    if reading.rules.iter().any(|rule| !rule.parts.is_empty()) {
        correlate(&mut reading.rules);
    }
}

/// The names under which a rule may be referred to, in lower case.
fn names(rule: &Rule) -> impl Iterator<Item = String> {
    rule.called.iter().chain(&rule.id).chain([&rule.name]).map(|name| name.to_lowercase())
}

/// The most log sources of a correlation: only a hostile one has more.
const MAX_SOURCES: usize = 200;

/// Correlations of correlations of correlations: deeper than anybody builds them.
const MAX_DEPTH: usize = 3;

/// A correlation reads what its parts read, and alerts in their place.
fn correlate(rules: &mut [Rule]) {
    let names_of = |rule: &Rule| -> Vec<String> {
        rule.called.iter().chain(&rule.id).map(|name| name.to_lowercase()).collect()
    };
    let silenced: BTreeSet<String> = rules
        .iter()
        .filter(|rule| !rule.parts_alert)
        .flat_map(|rule| &rule.parts)
        .map(|p| p.to_lowercase())
        .collect();
    for _ in 0..MAX_DEPTH {
        let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for rule in rules.iter() {
            for name in names_of(rule) {
                sources.entry(name).or_insert_with(|| rule.sources.clone());
            }
        }
        for rule in rules.iter_mut().filter(|rule| !rule.parts.is_empty()) {
            for part in rule.parts.iter().take(MAX_SOURCES) {
                match sources.get(&part.to_lowercase()) {
                    Some(of_part) => rule.sources.extend(of_part.iter().cloned()),
                    // A name that no crosswalk knows: the summary lists it.
                    None => rule.sources.push(format!("rule:{part}")),
                }
            }
            rule.sources.sort_unstable();
            rule.sources.dedup();
            rule.sources.truncate(MAX_SOURCES);
        }
    }
    for rule in rules {
        if names_of(rule).iter().any(|name| silenced.contains(name)) {
            rule.silent = Some(Silent::PartOfCorrelation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::reading::Place;

    fn rule(id: &str, called: &str, sources: &[&str], parts: &[&str]) -> Rule {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Rule {
            id: Some(id.to_owned()),
            called: vec![called.to_owned()],
            sources: texts(sources),
            parts: texts(parts),
            ..Rule::new("n", Place::line(&"f".into(), 1))
        }
    }

    #[test]
    fn parts_give_their_sources_and_fall_silent() {
        let rules = vec![
            rule("c", "", &[], &["First", "b", "gone"]),
            rule("a", "first", &["x/*/*"], &[]),
            rule("b", "second", &["y/*/*"], &[]),
            Rule { parts_alert: true, ..rule("d", "", &[], &["e"]) },
            rule("e", "", &[], &[]),
        ];
        let mut reading = Reading { rules, ..Reading::default() };
        link(&mut reading);
        assert_eq!(reading.rules[0].sources, ["rule:gone", "x/*/*", "y/*/*"]);
        let part = Some(Silent::PartOfCorrelation);
        let silent: Vec<_> = reading.rules.iter().map(|rule| rule.silent).collect();
        assert_eq!(silent, [None, part, part, None, None]);
    }

    #[test]
    fn states_are_found_by_any_name() {
        let state = |enabled, silent| State { enabled, silent };
        let mut reading = Reading {
            rules: vec![
                rule("ru_1", "on", &[], &[]),
                rule("ru_2", "off", &[], &[]),
                rule("3", "x", &[], &[]),
            ],
            states: [
                ("ru_1".to_owned(), state(Enabled::Yes, Some(Silent::NoAlertAction))),
                ("off".to_owned(), state(Enabled::No, None)),
            ]
            .into(),
            ..Reading::default()
        };
        link(&mut reading);
        let states: Vec<_> = reading.rules.iter().map(|rule| (rule.enabled, rule.silent)).collect();
        let expected =
            [(Enabled::Yes, Some(Silent::NoAlertAction)), (Enabled::No, None), (Enabled::Unspecified, None)];
        assert_eq!(states, expected);
    }
}
