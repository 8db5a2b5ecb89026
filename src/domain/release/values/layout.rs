//! The dense numbering of everything that can be published under one catalogue and registry: columns of integers are
//! counted by these keys, and only the release turns a key into an [`Item`].

use std::collections::BTreeMap;

use crate::domain::{
    attack::{Catalogue, GroupId, TechniqueId},
    column::Column,
    release::item::Item,
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
    technology_positions: BTreeMap<String, u16>,
    techniques: Vec<TechniqueId>,
    technique_positions: BTreeMap<TechniqueId, u32>,
    blocks: Vec<Block>,
    group_positions: BTreeMap<GroupId, u32>,
}

/// A parent technique and its active sub-techniques, which roll up together: consecutive techniques.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The parent's position.
    first: u32,
    /// Techniques of the block, the parent's slot being 0.
    slots: u32,
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
        let mut blocks: Vec<Block> = Vec::new();
        let mut parent = None;
        for (id, position) in techniques.iter().zip(0_u32..) {
            if !id.is_sub() {
                parent = Some(*id);
                blocks.push(Block { first: position, slots: 1 });
            } else if parent == Some(id.parent()) {
                blocks.last_mut().into_iter().for_each(|block| block.slots += 1);
            }
        }
        Self {
            blocks,
            tactics: catalogue.tactics().iter().map(|tactic| tactic.short_name.clone()).collect(),
            technologies: registry.technologies().iter().map(|t| (t.id.clone(), t.family)).collect(),
            technology_positions: registry.technologies().iter().map(|t| t.id.clone()).zip(0..).collect(),
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

    /// How many keys have no column.
    pub fn simple_len(&self) -> u32 {
        self.techniques_from()
    }

    /// How many blocks there are.
    pub fn block_count(&self) -> u32 {
        size(self.blocks.len())
    }

    /// The block of an active technique and its slot there; `None` for a sub-technique without an active parent, which
    /// rolls up into nothing and is in no statistic.
    pub fn place(&self, id: TechniqueId) -> Option<(u32, u8)> {
        let position = self.technique_position(id)?;
        let number = self.blocks.partition_point(|block| block.first <= position).checked_sub(1)?;
        let block = self.blocks.get(number)?;
        let slot = position.checked_sub(block.first).filter(|slot| *slot < block.slots)?;
        Some((size(number), u8::try_from(slot).ok()?))
    }

    /// The first key of each of a block's techniques, by slot.
    pub(in crate::domain::release) fn block_keys(&self, number: u32) -> impl Iterator<Item = Key> {
        let block = usize::try_from(number).ok().and_then(|number| self.blocks.get(number)).copied();
        block
            .into_iter()
            .flat_map(|block| block.first..block.first + block.slots)
            .map(|position| self.technique_any(position))
    }

    /// The technologies with the offset of their family's column, in the order of the registry.
    pub(in crate::domain::release) fn technology_families(&self) -> impl Iterator<Item = u32> {
        self.technologies.iter().map(|(_, family)| self.family_offset(*family))
    }

    /// Keys of one technique.
    pub(in crate::domain::release) fn columns(&self) -> u32 {
        self.width()
    }

    /// The inverse of [`Self::item`]; `None` for what this layout does not have.
    pub(in crate::domain::release) fn key(&self, item: &Item) -> Option<Key> {
        let technology = |id: &String| self.technology_positions.get(id).copied();
        let first =
            |id: &TechniqueId| self.technique_position(*id).map(|position| self.technique_any(position));
        match item {
            Item::Members => None,
            Item::Overall => Some(self.overall()),
            Item::Tactic(name) => {
                let position = self.tactics.iter().position(|known| known == name)?;
                u8::try_from(position).ok().map(|position| self.tactic(position))
            }
            Item::Family(family) => Some(self.family(*family)),
            Item::Group(id) => self.group(*id),
            Item::Technology(id) => technology(id).map(|position| self.technology(position)),
            Item::Technique(id, column) => {
                let offset = match column {
                    Column::Any => 0,
                    Column::Family(family) => self.family_offset(*family),
                    Column::Technology(id) => self.technology_offset(technology(id)?),
                };
                first(id).map(|first| first + offset)
            }
            Item::Cell(id, through) => {
                let offset = self.cell_offset(technology(through)?);
                first(id).map(|first| first + offset)
            }
        }
    }

    /// What a key is about.
    pub(in crate::domain::release) fn item(&self, key: Key) -> Option<Item> {
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
