//! A list restricted to a set of techniques, and what the set says in words.

use thiserror::Error;

use super::{Entry, view::View};
use crate::domain::{
    attack::{
        AttackVersion, TechniqueId,
        group_names::{self, GroupNameError},
    },
    comparison::{TechniqueSet, WordCounts},
};

/// Counts for a set, and the peers' share where the release has one of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAnswer {
    pub set: TechniqueSet,
    pub counts: WordCounts,
    pub share: Option<Entry>,
}

/// The reason why a set can't be found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SetError {
    #[error(transparent)]
    Group(#[from] GroupNameError),
    #[error("not active techniques of ATT&CK {version}: {}", listed(.ids))]
    Unknown { ids: Vec<TechniqueId>, version: AttackVersion },
}

fn listed(ids: &[TechniqueId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Keeps the rows of a set and counts them.
pub fn restrict(
    view: &View<'_>,
    set: Option<&TechniqueSet>,
    items: &mut Vec<Entry>,
) -> Result<Option<SetAnswer>, SetError> {
    let Some(set) = set else { return Ok(None) };
    let facts = &view.published.facts;
    let (catalogue, version) = (facts.catalogue(), facts.catalogue().version());
    if let TechniqueSet::Ids(ids) = set {
        let is_active = |id: &TechniqueId| catalogue.get(*id).is_some_and(|known| known.is_active());
        let ids: Vec<TechniqueId> = ids.iter().copied().filter(|id| !is_active(id)).collect();
        if !ids.is_empty() {
            return Err(SetError::Unknown { ids, version });
        }
    }
    let members = set.resolve(facts, view.own.platforms())?;
    items.retain(|entry| entry.technique().is_some_and(|id| members.contains(id)));
    let rows = items.iter().map(|entry| {
        let side = entry.effective();
        (side.own.value(), side.peers.as_ref().map(|peers| peers.coverage))
    });
    let counts = WordCounts::of(rows);
    let share = match set {
        TechniqueSet::All => view.overall(),
        TechniqueSet::Groups(names) => match group_names::all_named(catalogue, names).as_deref() {
            Ok([only]) => view.group(*only),
            _ => None,
        },
        TechniqueSet::Platform(_) | TechniqueSet::Top(_) | TechniqueSet::Ids(_) => None,
    };
    Ok(Some(SetAnswer { set: set.clone(), counts, share }))
}
