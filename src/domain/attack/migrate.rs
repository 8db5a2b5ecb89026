//! From one ATT&CK version to a later one: where each technique id ends, and what becomes of an organisation's cells.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use thiserror::Error;

use super::{AttackVersion, Catalogue, Technique, TechniqueId};
use crate::domain::scale::Score;

/// The fate of a technique id in the later version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Unchanged: the id means the same technique.
    Kept,
    /// Renumbered, or revoked in favour of this technique, along chains.
    Moved(TechniqueId),
    /// Revoked in favour of several; which of them a value belonged to is unknown. Ascending, at least two.
    Split(Vec<TechniqueId>),
    /// Deprecated without a successor.
    Dropped,
    /// The later version does not know it, or revoked it in favour of nothing.
    Lost,
}

/// A migration to an older version, which is impossible: merged techniques can't be separated again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "ATT&CK {from} cannot be migrated to the older {to}; only migration to the same or a later version is possible"
)]
pub struct Backwards {
    pub from: AttackVersion,
    pub to: AttackVersion,
}

/// The fates of all ids of one version in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    from: AttackVersion,
    to: AttackVersion,
    fates: BTreeMap<TechniqueId, Fate>,
    /// The ids that don't stay what they are, ascending.
    leaving: Vec<TechniqueId>,
}

/// The effects of a migration on the techniques that one snapshot names. Every list is ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// Old id and new id, also where the target is shared.
    pub moved: Vec<(TechniqueId, TechniqueId)>,
    /// Targets that get the maximum of several ids, with those ids; an id that stays is one of its own sources.
    pub merged: Vec<(TechniqueId, Vec<TechniqueId>)>,
    /// Ids whose successors are not assessed, with the successors.
    pub split: Vec<(TechniqueId, Vec<TechniqueId>)>,
    /// Ids that were deprecated.
    pub dropped: Vec<TechniqueId>,
    /// Ids that have no successor.
    pub lost: Vec<TechniqueId>,
}

impl Migration {
    /// Follows every id of `from` into `to`, keyed by STIX id, so that a technique that was only renumbered is
    /// followed too.
    pub fn between(from: &Catalogue, to: &Catalogue) -> Result<Self, Backwards> {
        if from.version() > to.version() {
            return Err(Backwards { from: from.version(), to: to.version() });
        }
        let by_stix: HashMap<&str, &Technique> =
            to.all().map(|technique| (technique.stix.as_str(), technique)).collect();
        let fates: BTreeMap<TechniqueId, Fate> =
            from.all().map(|old| (old.id, fate(old, by_stix.get(old.stix.as_str()).copied(), to))).collect();
        let leaving = fates.iter().filter(|(_, fate)| **fate != Fate::Kept).map(|(id, _)| *id).collect();
        Ok(Self { from: from.version(), to: to.version(), fates, leaving })
    }

    pub fn from(&self) -> AttackVersion {
        self.from
    }

    pub fn to(&self) -> AttackVersion {
        self.to
    }

    /// `None` for an id that the old version does not have.
    pub fn fate(&self, old: TechniqueId) -> Option<&Fate> {
        self.fates.get(&old)
    }

    /// Every id of the old version with its fate, ascending.
    pub fn fates(&self) -> impl Iterator<Item = (TechniqueId, &Fate)> {
        self.fates.iter().map(|(id, fate)| (*id, fate))
    }

    /// The one id that a value under `old` belongs to in the later version.
    pub fn target(&self, old: TechniqueId) -> Option<TechniqueId> {
        match self.fates.get(&old)? {
            Fate::Kept => Some(old),
            Fate::Moved(new) => Some(*new),
            Fate::Split(_) | Fate::Dropped | Fate::Lost => None,
        }
    }

    /// Techniques that were only renumbered, new id and old one: nothing else became the new one, nor the old one
    /// anything else.
    pub fn renumbered(&self) -> BTreeMap<TechniqueId, TechniqueId> {
        let mut sources: BTreeMap<TechniqueId, Vec<TechniqueId>> = BTreeMap::new();
        for (old, fate) in &self.fates {
            match fate {
                Fate::Kept => sources.entry(*old).or_default().push(*old),
                Fate::Moved(new) => sources.entry(*new).or_default().push(*old),
                Fate::Split(new) => new.iter().for_each(|new| sources.entry(*new).or_default().push(*old)),
                Fate::Dropped | Fate::Lost => {}
            }
        }
        let moved = |new: &TechniqueId, old: &TechniqueId| self.fates.get(old) == Some(&Fate::Moved(*new));
        let single = sources.into_iter().filter_map(|(new, sources)| match *sources.as_slice() {
            [old] if moved(&new, &old) => Some((new, old)),
            _ => None,
        });
        single.collect()
    }

    /// Returns true if every one of these ids, ascending and of the old version, stays what it is.
    pub fn keeps(&self, ids: impl Iterator<Item = TechniqueId>) -> bool {
        let mut leaving = self.leaving.iter().copied().peekable();
        for id in ids {
            while leaving.next_if(|left| *left < id).is_some() {}
            if leaving.peek() == Some(&id) {
                return false;
            }
        }
        true
    }

    /// Migrates the cells of one technology; `None` is `not_assessed`. Completeness has to be resolved before: an id
    /// that is missing here is missing in the result, which means not assessed, never 0.
    ///
    /// Several ids into one give the maximum over those that are assessed, the target's own value included; one into
    /// several leaves each of them not assessed unless something else assesses it. The result ascends.
    pub fn apply(&self, cells: &[(TechniqueId, Option<Score>)]) -> Vec<(TechniqueId, Option<Score>)> {
        let mut migrated = Vec::with_capacity(cells.len());
        for (old, score) in cells {
            match self.fates.get(old) {
                Some(Fate::Kept) => migrated.push((*old, *score)),
                Some(Fate::Moved(new)) => migrated.push((*new, *score)),
                Some(Fate::Split(targets)) => migrated.extend(targets.iter().map(|target| (*target, None))),
                Some(Fate::Dropped | Fate::Lost) | None => {}
            }
        }
        // The best first, so that it is the one that stays; `None` is smaller than any score.
        migrated.sort_unstable_by_key(|(id, score)| (*id, Reverse(*score)));
        migrated.dedup_by_key(|(id, _)| *id);
        migrated
    }

    /// Previews what happens to the given ids of the old version. Ids that it does not have count as lost.
    pub fn preview(&self, ids: impl IntoIterator<Item = TechniqueId>) -> Preview {
        let mut preview = Preview::default();
        let mut ids: Vec<TechniqueId> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut ends: Vec<(TechniqueId, TechniqueId)> = Vec::with_capacity(ids.len());
        for old in ids {
            match self.fates.get(&old) {
                Some(Fate::Kept) => ends.push((old, old)),
                Some(Fate::Moved(new)) => {
                    preview.moved.push((old, *new));
                    ends.push((*new, old));
                }
                Some(Fate::Split(targets)) => preview.split.push((old, targets.clone())),
                Some(Fate::Dropped) => preview.dropped.push(old),
                Some(Fate::Lost) | None => preview.lost.push(old),
            }
        }
        ends.sort_unstable();
        let several = ends.chunk_by(|one, next| one.0 == next.0).filter(|chunk| chunk.len() > 1);
        preview.merged = several
            .filter_map(|chunk| Some((chunk.first()?.0, chunk.iter().map(|(_, old)| *old).collect())))
            .collect();
        preview
    }
}

fn fate(old: &Technique, new: Option<&Technique>, to: &Catalogue) -> Fate {
    let Some(mut current) = new else { return Fate::Lost };
    // As in `Catalogue::resolve`, the bound only matters for a cycle in damaged data.
    for _ in 0..to.len() {
        if !current.revoked {
            break;
        }
        if !current.split_into.is_empty() {
            let ends: BTreeSet<_> = current.split_into.iter().filter_map(|id| to.resolve(*id)).collect();
            return match ends.into_iter().collect::<Vec<_>>().as_slice() {
                [] => Fate::Lost,
                [one] => end_at(old, *one),
                several => Fate::Split(several.to_vec()),
            };
        }
        match current.revoked_by.and_then(|next| to.get(next)) {
            Some(next) => current = next,
            None => return Fate::Lost,
        }
    }
    match current {
        technique if technique.is_active() => end_at(old, technique.id),
        technique if technique.deprecated => Fate::Dropped,
        _ => Fate::Lost,
    }
}

fn end_at(old: &Technique, new: TechniqueId) -> Fate {
    if old.id == new { Fate::Kept } else { Fate::Moved(new) }
}

#[cfg(test)]
mod tests;
