//! The facts that coverage is computed against: the catalogues side by side, the registry, and what follows from them
//! for one target version. Built once, shared by every request and release.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use thiserror::Error;

use super::{
    applicability::Applicability,
    attack::{
        AttackVersion, Backwards, Catalogue, Catalogues, Fate, Group, GroupId, Migration, Platform,
        PlatformSet, Technique, TechniqueId,
    },
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

impl From<Backwards> for FactsError {
    fn from(error: Backwards) -> Self {
        Self::Backwards { from: error.from, to: error.to }
    }
}

/// One version that snapshots may be in.
#[derive(Debug)]
pub struct Origin {
    pub catalogue: Arc<Catalogue>,
    registry: Arc<Registry>,
    /// Computed when it is first asked for: most versions have no snapshots.
    applicability: OnceLock<Arc<Applicability>>,
    pub migration: Migration,
}

impl Origin {
    /// The applicability in this version.
    pub fn applicability(&self) -> &Arc<Applicability> {
        self.applicability.get_or_init(|| Arc::new(Applicability::new(&self.catalogue, &self.registry)))
    }
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
#[derive(Debug, Clone)]
pub struct Facts {
    registry: Arc<Registry>,
    target: Arc<Catalogue>,
    applicability: Arc<Applicability>,
    origins: Arc<BTreeMap<AttackVersion, Origin>>,
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
            let known = OnceLock::new();
            if version == target {
                known.get_or_init(|| Arc::clone(&applicability));
            }
            // A version revokes ids of its own, too.
            let migration = Migration::between(from, &catalogue)?;
            let (catalogue, registry) = (Arc::clone(from), Arc::clone(&registry));
            origins.insert(version, Origin { catalogue, registry, applicability: known, migration });
        }
        let parents = parents(&catalogue);
        let groups = groups(&catalogue);
        Ok(Self { registry, target: catalogue, applicability, origins: Arc::new(origins), parents, groups })
    }

    /// Facts for a release whose youngest snapshot is of the version `youngest`: parent techniques that came later leave
    /// every set, because nobody could name them. `None` if that changes nothing.
    pub fn as_named_in(&self, youngest: AttackVersion) -> Option<Self> {
        let migration = &self.origins.get(&youngest)?.migration;
        let mut nameable: BTreeSet<TechniqueId> = BTreeSet::new();
        for (id, fate) in migration.fates() {
            match fate {
                Fate::Kept => nameable.extend([id.parent()]),
                Fate::Moved(now) => nameable.extend([now.parent()]),
                Fate::Split(now) => nameable.extend(now.iter().map(|id| id.parent())),
                Fate::Dropped | Fate::Lost => {}
            }
        }
        if self.parents.iter().all(|parent| nameable.contains(&parent.id)) {
            return None;
        }
        let mut facts = self.clone();
        facts.parents.retain(|parent| nameable.contains(&parent.id));
        facts.groups.iter_mut().for_each(|(_, parents)| parents.retain(|id| nameable.contains(id)));
        facts.groups.retain(|(_, parents)| parents.len() >= GROUP_PARENTS_MIN);
        Some(facts)
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

    /// Follows an id of this or of an earlier version to the active technique that it is in this version.
    pub fn current(&self, id: TechniqueId) -> Option<TechniqueId> {
        let earlier = || self.origins.values().rev().find_map(|origin| origin.migration.target(id));
        self.target.resolve(id).or_else(|| if self.target.get(id).is_none() { earlier() } else { None })
    }

    /// Techniques that an earlier version has under another id and that are otherwise the same: the id of now, and the
    /// earlier one.
    pub fn renumbered_since(&self, earlier: AttackVersion) -> BTreeMap<TechniqueId, TechniqueId> {
        self.origins.get(&earlier).map(|origin| origin.migration.renumbered()).unwrap_or_default()
    }

    /// Threat groups to which an earlier version attributes other parent techniques than this one: each is another item
    /// now. All of them, if the earlier version isn't known.
    pub fn redefined_since(&self, earlier: AttackVersion) -> BTreeSet<GroupId> {
        let Some(origin) = self.origins.get(&earlier) else {
            return self.groups.iter().map(|(id, _)| *id).collect();
        };
        let then: BTreeMap<GroupId, Vec<TechniqueId>> = groups(&origin.catalogue).into_iter().collect();
        let moved = |parents: &Vec<TechniqueId>| -> Option<Vec<TechniqueId>> {
            let mut now: Vec<TechniqueId> = parents
                .iter()
                .map(|id| origin.migration.target(*id).map(TechniqueId::parent))
                .collect::<Option<_>>()?;
            now.sort_unstable();
            now.dedup();
            Some(now)
        };
        let same = |id: &GroupId, now: &Vec<TechniqueId>| then.get(id).and_then(moved).as_ref() == Some(now);
        self.groups.iter().filter(|(id, now)| !same(id, now)).map(|(id, _)| *id).collect()
    }

    /// The tactics that a tactic of an earlier version has become, by short name; empty for a name that no version has.
    pub fn became_of_tactic(&self, said: &str) -> Vec<&str> {
        let mut origins = self.origins.values().rev();
        let Some((origin, old)) = origins.find_map(|origin| Some((origin, origin.catalogue.tactic(said)?)))
        else {
            return Vec::new();
        };
        let position = origin.catalogue.tactics().iter().position(|tactic| tactic == old);
        let within = |technique: &&Technique| {
            technique.tactics.iter().any(|tactic| Some(usize::from(*tactic)) == position)
        };
        let held = origin.catalogue.active().filter(within).filter_map(|old| origin.migration.target(old.id));
        let held: BTreeSet<u8> = held
            .filter_map(|id| self.target.get(id))
            .flat_map(|technique| &technique.tactics)
            .copied()
            .collect();
        // Techniques are in several tactics; what the old version had beside this one didn't come of it.
        let beside =
            |id: &str| origin.catalogue.tactics().iter().any(|tactic| tactic.id == id && tactic != old);
        let now = self.target.tactics().iter().zip(0_u8..);
        now.filter(|(tactic, at)| held.contains(at) && !beside(&tactic.id))
            .map(|(tactic, _)| tactic.short_name.as_str())
            .collect()
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
        let mut parents: Vec<TechniqueId> = attributed(catalogue, group).map(TechniqueId::parent).collect();
        parents.sort_unstable();
        parents.dedup();
        (group.id, parents)
    });
    rolled_up.filter(|(_, parents)| parents.len() >= GROUP_PARENTS_MIN).collect()
}

/// The active techniques that count for a group in a version.
pub fn attributed<'c>(catalogue: &'c Catalogue, group: &'c Group) -> impl Iterator<Item = TechniqueId> + 'c {
    let all = catalogue.version() >= AttackVersion::CAMPAIGNS_COUNT_FROM;
    let counts = move |id: &TechniqueId| all || group.through_campaigns.binary_search(id).is_err();
    group.techniques.iter().copied().filter(counts).filter_map(|id| catalogue.resolve(id))
}

/// The platforms that count for an organisation: those it runs (all, where the operator said none), and the preparation
/// of attacks, which nobody can opt out of.
pub fn platforms_of(platforms: PlatformSet) -> PlatformSet {
    if platforms.is_empty() { PlatformSet::all() } else { platforms.with(Platform::Pre) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::technology;

    fn facts(target: &str) -> Facts {
        let registry = Arc::new(technology::bundled().clone());
        Facts::new(&Catalogues::bundled(), registry, target.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_tactic_has_three_names_and_old_ones_say_what_became_of_them() {
        let facts = facts("19.2");
        let named = |said: &str| facts.catalogue().tactic(said).map(|tactic| tactic.short_name.as_str());
        for said in ["TA0005", "Stealth", "stealth"] {
            assert_eq!(named(said), Some("stealth"), "{said}");
        }
        for said in ["TA0011", "Command and Control", "command_and_control", "command-and-control"] {
            assert_eq!(named(said), Some("command-and-control"), "{said}");
        }
        for said in ["defense-evasion", "Defense Evasion", "defense_evasion"] {
            assert_eq!(named(said), None);
            assert_eq!(facts.became_of_tactic(said), ["stealth", "defense-impairment"], "{said}");
        }
        assert!(facts.became_of_tactic("no such tactic").is_empty());
    }

    #[test]
    fn campaigns_count_from_19_1_on_and_make_groups_other_items() {
        let count = |version: &str, group: &str| {
            let id: GroupId = group.parse().unwrap();
            let facts = facts(version);
            facts.groups().iter().find(|(known, _)| *known == id).map_or(0, |(_, parents)| parents.len())
        };
        assert_eq!(["18.1", "19.0", "19.1", "19.2"].map(|version| count(version, "G0016")), [47, 47, 72, 72]);
        let redefined = |from: &str, to: &str| -> Vec<String> {
            facts(to).redefined_since(from.parse().unwrap()).iter().map(ToString::to_string).collect()
        };
        assert!(redefined("19.0", "19.1").contains(&"G0016".to_owned()));
        assert!(
            !redefined("19.0", "19.1").contains(&"G0007".to_owned())
                || count("19.0", "G0007") != count("19.1", "G0007")
        );
        assert_eq!(redefined("19.1", "19.2"), ["G1056", "G1057"]);
        assert!(redefined("19.2", "19.2").is_empty());
    }

    #[test]
    fn techniques_that_nobody_could_name_leave_the_sets() {
        let facts = facts("19.2");
        assert!(facts.as_named_in("19.2".parse().unwrap()).is_none());
        assert!(facts.as_named_in("19.0".parse().unwrap()).is_none(), "19.1 and 19.2 brought none");
        let named = facts.as_named_in("18.1".parse().unwrap()).unwrap();
        let gone: Vec<String> = facts
            .parents()
            .iter()
            .filter(|parent| named.parents().iter().all(|other| other.id != parent.id))
            .map(|parent| parent.id.to_string())
            .collect();
        // New in 19.0, and nothing of 18.1 became them.
        assert_eq!(gone, ["T1682", "T1683", "T1687"]);
    }
}
