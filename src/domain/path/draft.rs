//! A path as its input has it, and the reading of it against one ATT&CK version.

use thiserror::Error;

use super::{
    known::known,
    step::{LeftOut, LeftOutReason, Path, PathSource, ShownBy, Step, Way},
};
use crate::domain::facts::Facts;

/// A path before its IDs are known to mean anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub source: PathSource,
    pub id: Option<String>,
    pub title: Option<String>,
    pub ordered: bool,
    pub steps: Vec<DraftStep>,
}

/// A step of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DraftStep {
    pub ways: Vec<DraftWay>,
    pub on_a_branch: bool,
}

/// A way to take a step of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DraftWay {
    pub title: Option<String>,
    /// Texts that name techniques. Without any, the way is unknown, or the tactic's.
    pub techniques: Vec<String>,
    /// Short name of a tactic that shows it, where no technique is named.
    pub tactic: Option<String>,
}

/// A draft without a technique of Enterprise ATT&CK. Nothing can be said of it, and certainly not 0%.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("nothing to compare: {}", why(.left_out))]
pub struct NothingToCompare {
    pub left_out: Vec<LeftOut>,
}

fn why(left_out: &[LeftOut]) -> String {
    let of = |reason: LeftOutReason| left_out.iter().filter(|one| one.reason == reason).count();
    let said = [
        (of(LeftOutReason::OtherDomain), "are of other domains than Enterprise"),
        (of(LeftOutReason::UnknownTechnique), "are in no known version of Enterprise ATT&CK"),
        (of(LeftOutReason::Deprecated), "were withdrawn without a successor"),
    ];
    let said: Vec<String> =
        said.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    match said.as_slice() {
        [] => "it names no technique".to_owned(),
        said => format!("of the techniques that it names, {}", said.join(" and ")),
    }
}

/// Reads a draft in the facts' version. A step whose techniques are all left out is no step; one that names none stays, as
/// unknown.
pub fn read(draft: Draft, facts: &Facts) -> Result<Path, NothingToCompare> {
    let Draft { source, id, title, ordered, steps } = draft;
    let mut path =
        Path { source, id, title, ordered, steps: Vec::new(), left_out: Vec::new(), moved: Vec::new() };
    for step in steps {
        let ways: Vec<Way> =
            step.ways.into_iter().filter_map(|way| read_way(way, facts, &mut path)).collect();
        if !ways.is_empty() {
            path.steps.push(Step { ways, on_a_branch: step.on_a_branch });
        }
    }
    path.moved.sort_unstable();
    path.moved.dedup();
    if !ordered {
        // Several IDs of a set may have become one.
        let mut seen = Vec::new();
        path.steps.retain(|step| {
            !seen.contains(step) && {
                seen.push(step.clone());
                true
            }
        });
    }
    let says_something = |step: &Step| step.ways.iter().any(|way| way.shown_by != ShownBy::Unknown);
    if path.steps.iter().any(says_something) {
        Ok(path)
    } else {
        Err(NothingToCompare { left_out: path.left_out })
    }
}

fn read_way(way: DraftWay, facts: &Facts, path: &mut Path) -> Option<Way> {
    let DraftWay { title, techniques, tactic } = way;
    if techniques.is_empty() {
        return Some(Way { title, shown_by: tactic.map_or(ShownBy::Unknown, ShownBy::Tactic) });
    }
    let mut shown = Vec::new();
    for written in techniques {
        match known(&written, facts) {
            Ok(found) => {
                shown.push(found.now);
                if found.written != found.now {
                    path.moved.push((found.written, found.now));
                }
            }
            Err(reason) => path.left_out.push(LeftOut { written, title: title.clone(), reason }),
        }
    }
    shown.sort_unstable();
    shown.dedup();
    (!shown.is_empty()).then_some(Way { title, shown_by: ShownBy::Techniques(shown) })
}
