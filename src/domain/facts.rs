//! The facts that coverage is computed against: the catalogues side by side, the registry, and what follows from them
//! for one target version. Built once, shared by every request and release.

use std::{collections::BTreeMap, sync::Arc};

use thiserror::Error;

use super::{
    applicability::Applicability,
    attack::{AttackVersion, Catalogue, Catalogues, GroupId, Migration, Platform, PlatformSet, TechniqueId},
    technology::Registry,
};

/// An ATT&CK version that cannot be worked with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FactsError {
    #[error("this service has no catalogue of ATT&CK {0}; import it with `peerbench catalogue import`")]
    Unknown(AttackVersion),
    #[error("a snapshot of ATT&CK {from} is newer than the version {to} that comparisons use")]
    Backwards { from: AttackVersion, to: AttackVersion },
}

/// One version that snapshots may be in.
#[derive(Debug)]
pub struct Origin {
    pub catalogue: Arc<Catalogue>,
    pub applicability: Arc<Applicability>,
    /// `None` for the target version itself.
    pub migration: Option<Migration>,
}

/// A parent technique as the composites see it.
#[derive(Debug, Clone)]
pub struct Parent {
    pub id: TechniqueId,
    /// Its own and its active sub-techniques' platforms.
    pub platforms: PlatformSet,
    /// Positions in the catalogue's tactics, its sub-techniques' included.
    pub tactics: Vec<u8>,
}

/// Everything that is derived from the catalogues for one target version.
#[derive(Debug)]
pub struct Facts {
    registry: Arc<Registry>,
    target: Arc<Catalogue>,
    applicability: Arc<Applicability>,
    origins: BTreeMap<AttackVersion, Origin>,
    parents: Vec<Parent>,
    groups: Vec<(GroupId, Vec<TechniqueId>)>,
}

/// Threat groups with fewer parent techniques are not compared: their share would be coarse, and nearly a technique.
pub const GROUP_PARENTS_MIN: usize = 5;

impl Facts {
    /// Facts for comparing in `target`.
    pub fn new(
        catalogues: &Catalogues,
        registry: Arc<Registry>,
        target: AttackVersion,
    ) -> Result<Self, FactsError> {
        let catalogue = Arc::clone(catalogues.get(target).ok_or(FactsError::Unknown(target))?);
        let applicability = Arc::new(Applicability::new(&catalogue, &registry));
        let mut origins = BTreeMap::new();
        for version in catalogues.versions().filter(|version| *version <= target) {
            let Some(from) = catalogues.get(version) else { continue };
            let (applicability, migration) = if version == target {
                (Arc::clone(&applicability), None)
            } else {
                (Arc::new(Applicability::new(from, &registry)), Migration::between(from, &catalogue).ok())
            };
            origins.insert(version, Origin { catalogue: Arc::clone(from), applicability, migration });
        }
        let parents = parents(&catalogue);
        let groups = groups(&catalogue);
        Ok(Self { registry, target: catalogue, applicability, origins, parents, groups })
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The catalogue that comparisons are made in.
    pub fn catalogue(&self) -> &Catalogue {
        &self.target
    }

    pub fn applicability(&self) -> &Applicability {
        &self.applicability
    }

    /// Returns what is known of a snapshot's own version.
    pub fn origin(&self, version: AttackVersion) -> Result<&Origin, FactsError> {
        match self.origins.get(&version) {
            Some(origin) => Ok(origin),
            None if version > self.target.version() => {
                Err(FactsError::Backwards { from: version, to: self.target.version() })
            }
            None => Err(FactsError::Unknown(version)),
        }
    }

    /// Techniques that an earlier version has under another id and that are otherwise the same: the id of now, and the
    /// earlier one.
    pub fn renumbered_since(&self, earlier: AttackVersion) -> BTreeMap<TechniqueId, TechniqueId> {
        let migration = self.origins.get(&earlier).and_then(|origin| origin.migration.as_ref());
        migration.map(Migration::renumbered).unwrap_or_default()
    }

    /// Active parent techniques, ascending.
    pub fn parents(&self) -> &[Parent] {
        &self.parents
    }

    /// Threat groups with the parent techniques attributed to them, at least [`GROUP_PARENTS_MIN`] each.
    pub fn groups(&self) -> &[(GroupId, Vec<TechniqueId>)] {
        &self.groups
    }
}

fn parents(catalogue: &Catalogue) -> Vec<Parent> {
    let parents = catalogue.active().filter(|technique| !technique.id.is_sub());
    parents
        .map(|parent| {
            let mut tactics = parent.tactics.clone();
            let mut platforms = parent.platforms;
            for sub in catalogue.subs(parent.id) {
                tactics.extend(&sub.tactics);
                platforms = sub.platforms.iter().fold(platforms, PlatformSet::with);
            }
            tactics.sort_unstable();
            tactics.dedup();
            Parent { id: parent.id, platforms, tactics }
        })
        .collect()
}

fn groups(catalogue: &Catalogue) -> Vec<(GroupId, Vec<TechniqueId>)> {
    let rolled_up = catalogue.groups().iter().map(|group| {
        let resolved = group.techniques.iter().filter_map(|id| catalogue.resolve(*id));
        let mut parents: Vec<TechniqueId> = resolved.map(TechniqueId::parent).collect();
        parents.sort_unstable();
        parents.dedup();
        (group.id, parents)
    });
    rolled_up.filter(|(_, parents)| parents.len() >= GROUP_PARENTS_MIN).collect()
}

/// The platforms that count for an organisation: those it runs (all, where the operator said none), and the preparation
/// of attacks, which nobody can opt out of.
pub fn platforms_of(platforms: PlatformSet) -> PlatformSet {
    if platforms.is_empty() { PlatformSet::all() } else { platforms.with(Platform::Pre) }
}
