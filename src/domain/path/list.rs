//! Paths from a list of steps, `T1566|T1204;T1059;TA0008`, and from a threat group.

use thiserror::Error;

use super::{
    draft::{Draft, DraftStep, DraftWay},
    known::known,
    step::{LeftOutReason, MAX_STEPS, PathSource},
};
use crate::domain::{
    attack::{Group, TechniqueId},
    facts::{Facts, attributed},
};

/// The reason why a text is no list of steps.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListError {
    #[error("has {0} steps; at most {MAX_STEPS} are compared")]
    TooManySteps(usize),
    #[error("step {0} names more than {MAX_ALTERNATIVES} techniques")]
    TooManyTechniques(usize),
    #[error("step {0} is empty: separate steps with `;` and techniques of one step with `|`")]
    Empty(usize),
    #[error(
        "step {step}: {written} is more than one technique: separate techniques of a step with `|`, and steps with `;`"
    )]
    Several { step: usize, written: String },
    #[error("step {step}: {written} {}", refused(*.reason))]
    Technique { step: usize, written: String, reason: LeftOutReason },
}

/// Techniques that one step may name.
const MAX_ALTERNATIVES: usize = 100;

fn refused(reason: LeftOutReason) -> &'static str {
    match reason {
        LeftOutReason::OtherDomain => "is a technique of another domain than Enterprise",
        LeftOutReason::UnknownTechnique => "is neither a technique nor a tactic of Enterprise ATT&CK",
        LeftOutReason::Deprecated => "was withdrawn without a successor",
    }
}

/// Reads a list of steps; whatever is asked by name must exist.
pub fn parse(text: &str, facts: &Facts) -> Result<Draft, ListError> {
    let text = text.trim().trim_end_matches(';');
    let count = text.split(';').count();
    if count > MAX_STEPS {
        return Err(ListError::TooManySteps(count));
    }
    let steps = (1..).zip(text.split(';')).map(|(number, step)| parse_step(number, step, facts));
    let steps = steps.collect::<Result<Vec<_>, _>>()?;
    Ok(Draft { source: PathSource::Steps, id: None, title: None, ordered: true, steps })
}

fn parse_step(number: usize, step: &str, facts: &Facts) -> Result<DraftStep, ListError> {
    let said: Vec<&str> = step.split('|').map(str::trim).filter(|said| !said.is_empty()).collect();
    if said.len() > MAX_ALTERNATIVES {
        return Err(ListError::TooManyTechniques(number));
    }
    let way = match said.as_slice() {
        [] => return Err(ListError::Empty(number)),
        [one] if facts.catalogue().tactic(one).is_some() => {
            let tactic = facts.catalogue().tactic(one);
            DraftWay {
                title: tactic.map(|tactic| tactic.name.clone()),
                tactic: tactic.map(|tactic| tactic.short_name.clone()),
                techniques: Vec::new(),
            }
        }
        several => {
            for written in several {
                let short = || written.chars().take(40).collect();
                let found = known(written, facts);
                let found = found.map_err(|reason| ListError::Technique {
                    step: number,
                    written: short(),
                    reason,
                })?;
                // Whatever else is there would be passed over in silence.
                if !is_alone(written, found.written) {
                    return Err(ListError::Several { step: number, written: short() });
                }
            }
            DraftWay {
                techniques: several.iter().map(|&said| said.to_owned()).collect(),
                ..DraftWay::default()
            }
        }
    };
    Ok(DraftStep { ways: vec![way], on_a_branch: false })
}

/// Returns true if a text is an ID and nothing else, perhaps without its letter.
fn is_alone(text: &str, id: TechniqueId) -> bool {
    let (text, id) = (text.to_ascii_uppercase().replace('/', "."), id.to_string());
    text.trim_start_matches('T') == id.trim_start_matches('T')
}

/// Makes a path of a threat group: a step for each tactic in the order of the matrix, shown by any of the techniques that
/// ATT&CK attributes to the group. A technique of several tactics is in the first of them only: ATT&CK doesn't say which of
/// them the group uses it for, and one rule would make several steps look done.
pub fn of_group(group: &Group, facts: &Facts) -> Draft {
    let catalogue = facts.catalogue();
    let mut steps: Vec<DraftStep> = Vec::new();
    for (tactic, at) in catalogue.tactics().iter().zip(0_u8..) {
        let first = |id| catalogue.get(id).and_then(|technique| technique.tactics.first().copied());
        let used = attributed(catalogue, group).filter(|id| first(*id) == Some(at));
        let techniques: Vec<String> = used.map(|id| id.to_string()).collect();
        if !techniques.is_empty() {
            let way = DraftWay { title: Some(tactic.name.clone()), techniques, tactic: None };
            steps.push(DraftStep { ways: vec![way], on_a_branch: false });
        }
    }
    let title = format!("{} ({})", group.name, group.id);
    Draft { source: PathSource::Group, id: None, title: Some(title), ordered: true, steps }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{
        attack::{Catalogues, group_names},
        path::{Path, ShownBy, read},
        technology,
    };

    fn facts() -> Facts {
        let registry = Arc::new(technology::bundled().clone());
        Facts::new(&Catalogues::bundled(), registry, "19.2".parse().unwrap()).unwrap()
    }

    fn shown(path: &Path) -> Vec<String> {
        let way = |step: &crate::domain::path::Step| match &step.ways[0].shown_by {
            ShownBy::Techniques(ids) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"),
            ShownBy::Tactic(name) => name.clone(),
            ShownBy::Unknown => "?".to_owned(),
        };
        path.steps.iter().map(way).collect()
    }

    #[test]
    fn a_list_is_read_step_by_step() {
        let facts = facts();
        let path = read(parse("T1566 | T1204;T1059.001;TA0008;T1562.001;", &facts).unwrap(), &facts).unwrap();
        assert_eq!(shown(&path), ["T1204|T1566", "T1059.001", "lateral-movement", "T1685"]);
        assert_eq!(path.moved.len(), 1);
        assert!(path.ordered);
    }

    #[test]
    fn what_does_not_exist_is_named() {
        let facts = facts();
        let refused = |text: &str| parse(text, &facts).unwrap_err().to_string();
        assert!(refused("T1566;T9999").starts_with("step 2: T9999 is neither"));
        assert!(refused("T0866").contains("another domain"));
        assert!(refused("T1566;;T1204").starts_with("step 2 is empty"));
        assert!(refused("").starts_with("step 1 is empty"));
        assert!(refused(&"T1566;".repeat(10_000)).starts_with("has 10000 steps"));
        assert!(refused(&"T1566|".repeat(101)).contains("more than 100"));
        assert!(refused("T1566|TA0008").contains("TA0008"), "a tactic is a step of its own");
    }

    #[test]
    fn a_groups_techniques_are_in_one_tactic_each() {
        let facts = facts();
        let group = group_names::named(facts.catalogue(), "APT29").unwrap();
        let path = read(of_group(group, &facts), &facts).unwrap();
        let count = |step: &crate::domain::path::Step| match &step.ways[0].shown_by {
            ShownBy::Techniques(ids) => ids.len(),
            _ => 0,
        };
        let all = attributed(facts.catalogue(), group).count();
        assert_eq!(path.steps.iter().map(count).sum::<usize>(), all);
        assert!((8..=15).contains(&path.steps.len()), "{}", path.steps.len());
        assert_eq!(path.steps[0].ways[0].title.as_deref(), Some("Reconnaissance"));
    }
}
