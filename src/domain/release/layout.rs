//! The dense numbering of everything that can be published under one catalogue and registry: columns of integers are
//! counted by these keys, and only the release turns a key into an [`Item`].

use std::collections::BTreeMap;

use super::Item;
use crate::domain::{
    attack::{Catalogue, GroupId, TechniqueId},
    column::Column,
    technology::{Family, Registry},
};

/// A position in a [`Layout`].
pub type Key = u32;

/// Keys in blocks: overall, tactics, families, groups, technologies, then per technique `any`, the families, the
/// technologies, and the cells of the technologies.
#[derive(Debug, Clone)]
pub struct Layout {
    tactics: Vec<String>,
    groups: Vec<GroupId>,
    technologies: Vec<(String, Family)>,
    techniques: Vec<TechniqueId>,
    technique_positions: BTreeMap<TechniqueId, u32>,
    group_positions: BTreeMap<GroupId, u32>,
}

const FAMILIES: u32 = 8;

fn family_position(family: Family) -> u32 {
    match family {
        Family::Endpoint => 0,
        Family::Identity => 1,
        Family::Cloud => 2,
        Family::Network => 3,
        Family::Email => 4,
        Family::Saas => 5,
        Family::Container => 6,
        Family::Ot => 7,
    }
}

fn size(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

impl Layout {
    pub fn new(catalogue: &Catalogue, registry: &Registry) -> Self {
        let techniques: Vec<TechniqueId> = catalogue.active().map(|technique| technique.id).collect();
        let groups: Vec<GroupId> = catalogue.groups().iter().map(|group| group.id).collect();
        Self {
            tactics: catalogue.tactics().iter().map(|tactic| tactic.short_name.clone()).collect(),
            technologies: registry.technologies().iter().map(|t| (t.id.clone(), t.family)).collect(),
            technique_positions: techniques.iter().copied().zip(0..).collect(),
            group_positions: groups.iter().copied().zip(0..).collect(),
            techniques,
            groups,
        }
    }

    fn tactics_from(&self) -> Key {
        1
    }

    fn families_from(&self) -> Key {
        self.tactics_from() + size(self.tactics.len())
    }

    fn groups_from(&self) -> Key {
        self.families_from() + FAMILIES
    }

    fn technologies_from(&self) -> Key {
        self.groups_from() + size(self.groups.len())
    }

    /// The first key of the technique blocks.
    fn techniques_from(&self) -> Key {
        self.technologies_from() + self.technology_count()
    }

    fn technology_count(&self) -> u32 {
        size(self.technologies.len())
    }

    /// Keys of one technique: `any`, families, technologies, cells.
    fn width(&self) -> u32 {
        1 + FAMILIES + 2 * self.technology_count()
    }

    /// How many keys there are.
    pub fn len(&self) -> u32 {
        self.techniques_from() + size(self.techniques.len()) * self.width()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn overall(&self) -> Key {
        0
    }

    /// By position in [`Catalogue::tactics`].
    pub fn tactic(&self, position: u8) -> Key {
        self.tactics_from() + u32::from(position)
    }

    pub fn family(&self, family: Family) -> Key {
        self.families_from() + family_position(family)
    }

    pub fn group(&self, id: GroupId) -> Option<Key> {
        self.group_positions.get(&id).map(|position| self.groups_from() + position)
    }

    /// By position in the registry.
    pub fn technology(&self, position: u16) -> Key {
        self.technologies_from() + u32::from(position)
    }

    /// The position of an active technique, ascending by id.
    pub fn technique_position(&self, id: TechniqueId) -> Option<u32> {
        self.technique_positions.get(&id).copied()
    }

    /// The first key of a technique's block, which is its `any`.
    pub fn technique_any(&self, position: u32) -> Key {
        self.techniques_from() + position * self.width()
    }

    /// What to add to a technique's first key for a family column.
    pub fn family_offset(&self, family: Family) -> u32 {
        1 + family_position(family)
    }

    /// What to add to a technique's first key for a technology column.
    pub fn technology_offset(&self, position: u16) -> u32 {
        1 + FAMILIES + u32::from(position)
    }

    /// What to add to a technique's first key for a technology's cell.
    pub fn cell_offset(&self, position: u16) -> u32 {
        1 + FAMILIES + self.technology_count() + u32::from(position)
    }

    /// Every key that has no column.
    pub(super) fn simple_keys(&self) -> std::ops::Range<Key> {
        0..self.techniques_from()
    }

    /// The first key of every technique.
    pub(super) fn technique_keys(&self) -> impl Iterator<Item = Key> {
        (0..size(self.techniques.len())).map(|position| self.technique_any(position))
    }

    /// Offsets of the columns of a technique, coarse to fine, each with the offsets of the columns above it.
    pub(super) fn columns(&self) -> Vec<(u32, Vec<u32>)> {
        let mut columns = vec![(0, Vec::new())];
        columns.extend(Family::ALL.map(|family| (self.family_offset(family), vec![0])));
        for ((_, family), position) in self.technologies.iter().zip(0_u16..) {
            let above = vec![0, self.family_offset(*family)];
            let technology = self.technology_offset(position);
            columns.push((technology, above.clone()));
            columns.push((self.cell_offset(position), [above, vec![technology]].concat()));
        }
        columns
    }

    /// What a key is about.
    pub(super) fn item(&self, key: Key) -> Option<Item> {
        let at = |from: Key| usize::try_from(key.checked_sub(from)?).ok();
        if key == self.overall() {
            return Some(Item::Overall);
        }
        if key < self.families_from() {
            return self.tactics.get(at(self.tactics_from())?).cloned().map(Item::Tactic);
        }
        if key < self.groups_from() {
            return Family::ALL.get(at(self.families_from())?).copied().map(Item::Family);
        }
        if key < self.technologies_from() {
            return self.groups.get(at(self.groups_from())?).copied().map(Item::Group);
        }
        if key < self.techniques_from() {
            return self
                .technologies
                .get(at(self.technologies_from())?)
                .map(|(id, _)| Item::Technology(id.clone()));
        }
        let offset = key - self.techniques_from();
        let technique = *self.techniques.get(usize::try_from(offset / self.width()).ok()?)?;
        let column = offset % self.width();
        let index = |first: u32| usize::try_from(column - first).ok();
        Some(match column {
            0 => Item::Technique(technique, Column::Any),
            c if c <= FAMILIES => Item::Technique(technique, Column::Family(*Family::ALL.get(index(1)?)?)),
            c if c <= FAMILIES + self.technology_count() => Item::Technique(
                technique,
                Column::Technology(self.technologies.get(index(1 + FAMILIES)?)?.0.clone()),
            ),
            _ => Item::Cell(
                technique,
                self.technologies.get(index(1 + FAMILIES + self.technology_count())?)?.0.clone(),
            ),
        })
    }
}
