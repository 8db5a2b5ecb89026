//! Counts a rule once if it stands in several files or forms.

use std::collections::HashMap;

use serde::Serialize;

use super::reading::{Reading, Rule};

/// A rule that is left out, and the one that is counted instead; positions among the reading's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Repeat {
    pub left_out: usize,
    pub kept: usize,
    /// The two say different things.
    pub differs: bool,
}

/// Finds the rules that are another one again: of the same id, of the same name in the same space, or equal in all that
/// is read but in another file. The last changed counts. Where the files
/// don't tell, the one with more log sources does, or else the first read.
pub fn repeats(reading: &Reading) -> Vec<Repeat> {
    let rules = &reading.rules;
    let mut kept: Vec<usize> = Vec::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (position, rule) in rules.iter().enumerate() {
        let Some(key) = key(rule) else { continue };
        let known = by_key.entry(key).or_default();
        let same = known.iter().copied().find(|group| {
            let first = groups.get(*group).and_then(|group| group.first()).and_then(|at| rules.get(*at));
            first.is_some_and(|first| is_same(first, rule))
        });
        match same.and_then(|group| groups.get_mut(group).zip(kept.get_mut(group))) {
            Some((group, best)) => {
                group.push(position);
                if rules.get(*best).is_some_and(|best| is_newer(rule, best)) {
                    *best = position;
                }
            }
            None => {
                known.push(groups.len());
                groups.push(vec![position]);
                kept.push(position);
            }
        }
    }
    let mut repeats = Vec::new();
    for (group, kept) in groups.iter().zip(kept).filter(|(group, _)| group.len() > 1) {
        for left_out in group.iter().copied().filter(|position| *position != kept) {
            let differs = match (rules.get(left_out), rules.get(kept)) {
                (Some(one), Some(other)) => !counts_alike(one, other),
                _ => false,
            };
            repeats.push(Repeat { left_out, kept, differs });
        }
    }
    repeats.sort_unstable_by_key(|repeat| repeat.left_out);
    repeats
}

/// Rules of different keys are different rules.
fn key(rule: &Rule) -> Option<String> {
    let name = Some(&rule.name).filter(|name| !name.is_empty());
    let by_id =
        |id: &String| format!("id {} {}", rule.space.as_deref().unwrap_or_default(), id.to_lowercase());
    rule.id.as_ref().map(by_id).or(name.map(|name| format!("name {name}")))
}

/// Returns true if two rules of one key are the same rule.
fn is_same(one: &Rule, other: &Rule) -> bool {
    if one.id.is_some() {
        return true;
    }
    match (&one.space, &other.space) {
        (Some(space), Some(of_other)) => space == of_other,
        // Two apps may have a rule of the same name each.
        _ => one.place.file != other.place.file && counts_alike(one, other),
    }
}

/// Returns true if it makes no difference which of two rules counts.
fn counts_alike(one: &Rule, other: &Rule) -> bool {
    (one.enabled.is_running(), one.silent, &one.techniques, &one.sources, &one.one_of)
        == (other.enabled.is_running(), other.silent, &other.techniques, &other.sources, &other.one_of)
}

/// Returns true if a rule says that it was changed after another, or, where the files don't tell, names more log sources.
/// Numbers and dates are compared as what they are.
fn is_newer(rule: &Rule, than: &Rule) -> bool {
    let named = |rule: &Rule| rule.sources.len() + rule.one_of.len();
    let (Some(one), Some(other)) = (&rule.revised, &than.revised) else { return named(rule) > named(than) };
    match (one.parse::<u64>(), other.parse::<u64>()) {
        (Ok(one), Ok(other)) => one > other,
        (Err(_), Err(_)) => one > other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::reading::{Enabled, Place};

    fn rule(name: &str, id: Option<&str>, space: Option<&str>, file: &str) -> Rule {
        Rule {
            id: id.map(str::to_owned),
            space: space.map(str::to_owned),
            ..Rule::new(name, Place::line(&file.into(), 1))
        }
    }

    fn left_out(rules: Vec<Rule>) -> Vec<(usize, usize, bool)> {
        let found = repeats(&Reading { rules, ..Reading::default() });
        found.into_iter().map(|repeat| (repeat.left_out, repeat.kept, repeat.differs)).collect()
    }

    #[test]
    fn an_id_counts_once_in_whatever_form() {
        let rules = vec![
            rule("a", Some("4F"), None, "1.json"),
            rule("renamed", Some("4f"), None, "1.json"),
            rule("a", Some("50"), None, "2.json"),
            rule("a", Some("4F"), None, "3.csv"),
        ];
        assert_eq!(left_out(rules), [(1, 0, false), (3, 0, false)]);
    }

    #[test]
    fn a_name_counts_once_in_its_app() {
        let rules = vec![
            rule("a", None, Some("x"), "1"),
            rule("a", None, Some("y"), "1"),
            rule("a", None, Some("x"), "2"),
            rule("", None, None, "1"),
            rule("", None, None, "2"),
        ];
        assert_eq!(left_out(rules), [(2, 0, false)]);
        let unknown =
            vec![rule("a", None, None, "1"), rule("a", None, None, "1"), rule("a", None, None, "2")];
        assert_eq!(left_out(unknown), [(2, 0, false)]);
    }

    #[test]
    fn the_last_change_counts_and_differences_are_told() {
        let dated = |revised: &str, enabled| Rule {
            revised: Some(revised.to_owned()),
            enabled,
            ..rule("a", Some("1"), None, revised)
        };
        let older = dated("2026-01-02", Enabled::Yes);
        let newer = dated("2026-03-01", Enabled::No);
        assert_eq!(left_out(vec![older.clone(), newer.clone()]), [(0, 1, true)]);
        assert_eq!(left_out(vec![newer, older]), [(1, 0, true)]);
        assert_eq!(left_out(vec![dated("9", Enabled::Yes), dated("10", Enabled::Yes)]), [(0, 1, false)]);
    }
}
