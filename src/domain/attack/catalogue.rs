//! One version of Enterprise ATT&CK, facts only: what the bundled files and imported STIX bundles become.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{AttackVersion, GroupId, PlatformSet, TechniqueId, notice::notice};

/// A technique or sub-technique, active or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Technique {
    pub id: TechniqueId,
    /// The STIX id, which stays the same when ATT&CK renumbers a technique.
    pub stix: String,
    pub name: String,
    /// Positions in [`Catalogue::tactics`], ascending.
    pub tactics: Vec<u8>,
    pub platforms: PlatformSet,
    /// Set when the technique was revoked in favour of another (which may itself be revoked).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<TechniqueId>,
    /// Set instead of `revoked_by` when ATT&CK names several successors; ascending. No published version does so
    /// today.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub split_into: Vec<TechniqueId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Put together from other sources than MITRE's own file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reconstructed: bool,
}

impl Technique {
    /// Neither revoked nor deprecated.
    pub fn is_active(&self) -> bool {
        !self.revoked && !self.deprecated
    }
}

/// A column of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tactic {
    /// `TA0005`.
    pub id: String,
    /// `defense-evasion`: how techniques and filters name it.
    pub short_name: String,
    pub name: String,
}

impl Tactic {
    /// Returns true for the id, the short name and the name: `TA0006`, `credential-access`, `Credential Access` or
    /// `credential_access`.
    pub fn is_called(&self, said: &str) -> bool {
        let letters = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let said = letters(said);
        [&self.id, &self.short_name, &self.name].into_iter().any(|name| letters(name) == said)
    }
}

/// A threat group and the techniques that ATT&CK attributes to it, directly or through its campaigns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    pub techniques: Vec<TechniqueId>,
    /// Those of `techniques` that are attributed through campaigns alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through_campaigns: Vec<TechniqueId>,
    /// Put together from other sources than MITRE's own file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reconstructed: bool,
}

impl Group {
    /// The techniques that are attributed without regard to campaigns.
    pub fn direct(&self) -> impl Iterator<Item = TechniqueId> {
        self.techniques.iter().copied().filter(|id| self.through_campaigns.binary_search(id).is_err())
    }
}

/// The reason why facts do not make a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CatalogueError {
    #[error("technique {0} is listed twice")]
    DuplicateTechnique(TechniqueId),
    #[error("technique {0} names a tactic that the catalogue does not have")]
    UnknownTactic(TechniqueId),
    #[error("sub-technique {0} is active but its parent is missing or inactive")]
    Orphan(TechniqueId),
    #[error("the catalogue has no active technique")]
    Empty,
}

/// One version of the Enterprise matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    version: AttackVersion,
    tactics: Vec<Tactic>,
    techniques: BTreeMap<TechniqueId, Technique>,
    groups: Vec<Group>,
    /// MITRE's copyright designation.
    notice: String,
}

impl Catalogue {
    /// Checks the facts against each other. `tactics` are in matrix order; only active groups are expected.
    pub fn new(
        version: AttackVersion,
        tactics: Vec<Tactic>,
        techniques: Vec<Technique>,
        mut groups: Vec<Group>,
    ) -> Result<Self, CatalogueError> {
        let mut by_id = BTreeMap::new();
        for technique in techniques {
            let id = technique.id;
            if technique.tactics.iter().any(|tactic| usize::from(*tactic) >= tactics.len()) {
                return Err(CatalogueError::UnknownTactic(id));
            }
            if by_id.insert(id, technique).is_some() {
                return Err(CatalogueError::DuplicateTechnique(id));
            }
        }
        let active = |id: TechniqueId| by_id.get(&id).is_some_and(Technique::is_active);
        if let Some(orphan) = by_id.keys().find(|id| id.is_sub() && active(**id) && !active(id.parent())) {
            return Err(CatalogueError::Orphan(*orphan));
        }
        if !by_id.values().any(Technique::is_active) {
            return Err(CatalogueError::Empty);
        }
        for group in &mut groups {
            for list in [&mut group.techniques, &mut group.through_campaigns] {
                list.sort_unstable();
                list.dedup();
            }
        }
        groups.sort_by_key(|group| group.id);
        Ok(Self { version, tactics, techniques: by_id, groups, notice: notice(version.year()) })
    }

    /// Replaces the year of the copyright designation.
    #[must_use]
    pub(super) fn copyrighted(self, year: u16) -> Self {
        Self { notice: notice(year), ..self }
    }

    /// MITRE's copyright designation as this version has it, which every copy of its facts carries.
    pub fn notice(&self) -> &str {
        &self.notice
    }

    /// Replaces the groups: their techniques are followed to what is active in this version, and what ends nowhere
    /// is left out.
    pub(super) fn set_groups(&mut self, mut groups: Vec<Group>) {
        for group in &mut groups {
            let direct: BTreeSet<TechniqueId> = group.direct().filter_map(|id| self.resolve(id)).collect();
            let all: BTreeSet<TechniqueId> =
                group.techniques.iter().filter_map(|id| self.resolve(*id)).collect();
            group.through_campaigns = all.difference(&direct).copied().collect();
            group.techniques = all.into_iter().collect();
        }
        groups.sort_by_key(|group| group.id);
        self.groups = groups;
    }

    pub fn version(&self) -> AttackVersion {
        self.version
    }

    /// In matrix order.
    pub fn tactics(&self) -> &[Tactic] {
        &self.tactics
    }

    /// The tactic that an id, a short name or a name means, however it is written.
    pub fn tactic(&self, said: &str) -> Option<&Tactic> {
        self.tactics.iter().find(|tactic| tactic.is_called(said))
    }

    /// Threat groups by id.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Any technique of this version, also revoked and deprecated ones.
    pub fn get(&self, id: TechniqueId) -> Option<&Technique> {
        self.techniques.get(&id)
    }

    /// Active techniques and sub-techniques by id; a parent comes directly before its sub-techniques.
    pub fn active(&self) -> impl Iterator<Item = &Technique> {
        self.techniques.values().filter(|technique| technique.is_active())
    }

    /// Everything this version lists, inactive ids included.
    pub fn all(&self) -> impl Iterator<Item = &Technique> {
        self.techniques.values()
    }

    /// Counts the ids of this version, inactive ones included.
    pub fn len(&self) -> usize {
        self.techniques.len()
    }

    /// Never true: a catalogue without an active technique is refused.
    pub fn is_empty(&self) -> bool {
        self.techniques.is_empty()
    }

    /// The active sub-techniques of a parent.
    pub fn subs(&self, parent: TechniqueId) -> impl Iterator<Item = &Technique> {
        let from = parent.parent();
        self.techniques
            .range(from..)
            .skip(1)
            .take_while(move |(id, _)| id.parent() == from)
            .map(|(_, technique)| technique)
            .filter(|technique| technique.is_active())
    }

    /// Resolves a technique's id in this version: itself if active, the end of its revoked-by chain if that is
    /// active, else `None` (unknown, deprecated, revoked into nothing).
    pub fn resolve(&self, id: TechniqueId) -> Option<TechniqueId> {
        let mut current = self.get(id)?;
        // A chain cannot be longer than the catalogue; a cycle in damaged data ends here instead of hanging.
        for _ in 0..self.techniques.len() {
            match current.revoked_by {
                Some(next) if current.revoked => current = self.get(next)?,
                _ => break,
            }
        }
        current.is_active().then_some(current.id)
    }
}
