//! The input of the rules, and the only thing that must never leave: every organisation's value of everything. It can
//! be built from outside this module, but read only by the rules; it has no serialization and no public field.

use std::{collections::BTreeSet, fmt};

use super::{
    entry::{Entry, NO_SCALE},
    layout::{BlockIx, Layout, Simple, SimpleIx},
    roll_up::{BlockLists, RollUp, RollUpError},
};
#[cfg(test)]
use crate::domain::release::values::layout::Key;
use crate::domain::{
    dimension::ByDimension,
    organisation::OrganisationId,
    release::cohorts::index::{By, MemberIx, Members},
};

/// A contributor, as frozen at the cut-off (R3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub organisation: OrganisationId,
    pub control_group: String,
    pub dimensions: ByDimension<String>,
    /// The declared writers of the snapshots that count, but for those that the operator trusts (R32).
    pub writers: Vec<String>,
}

/// Everybody's values: of the keys without a column as they are, of the techniques as lists that are rolled up block by
/// block when the rules pull them.
pub struct Unreleased {
    pub(in crate::domain::release) layout: Layout,
    pub(in crate::domain::release) members: By<Members, Member>,
    /// Each member's value, or [`ABSENT`], of each item without a column.
    simple: By<Simple, By<Members, u8>>,
    /// Per member the scales of its cells, one bit for each position in `Scale::ALL`.
    pub(in crate::domain::release) scales: By<Members, u8>,
    techniques: Box<dyn RollUp>,
}

/// Says that a member has no value of a key without a column.
pub const ABSENT: u8 = u8::MAX;

impl Unreleased {
    /// `simple` holds of each item without a column a value or [`ABSENT`] for each member; `scales` per member one bit for
    /// each position in `Scale::ALL` that its cells are on; `techniques` rolls up the cells of the same members.
    pub fn new(
        layout: Layout,
        members: By<Members, Member>,
        simple: By<Simple, By<Members, u8>>,
        scales: By<Members, u8>,
        techniques: Box<dyn RollUp>,
    ) -> Self {
        Self { layout, members, simple, scales, techniques }
    }

    /// Holds the members alone, without values: for what the members decide without any.
    pub fn of_members(layout: Layout, members: By<Members, Member>) -> Self {
        let simple = layout.simple().filled(members.filled(ABSENT));
        let scales = members.filled(0);
        Self::new(layout, members, simple, scales, Box::new(Nothing))
    }

    /// Removes some organisations as if they had never been in it.
    pub fn without(mut self, organisations: &BTreeSet<OrganisationId>) -> Self {
        if organisations.is_empty() {
            return self;
        }
        let stays = |member: &Member| !organisations.contains(&member.organisation);
        let stay = self.members.map(|member| stays(&self.members[member]));
        let numbers = self.members.retain(&stay);
        for values in self.simple.values_mut().chain([&mut self.scales]) {
            values.retain(&stay);
        }
        self.techniques.renumber(&numbers);
        self
    }

    /// The list of an item without a column, ascending by member.
    pub(in crate::domain::release) fn simple(&self, of: SimpleIx) -> Vec<Entry> {
        let present = self.simple[of].iter().filter(|(_, value)| **value != ABSENT);
        present.map(|(member, value)| Entry { member, value: *value, scale: NO_SCALE }).collect()
    }

    /// Everything in the lists of all keys, for comparing with the definitions: key, member, value and scale.
    #[cfg(test)]
    pub fn observations(&self) -> Vec<(Key, MemberIx, u8, Option<crate::domain::scale::Scale>)> {
        let simple = self.layout.simple().indices();
        let mut lists: Vec<(Key, Vec<Entry>)> = simple.map(|of| (Key::Simple(of), self.simple(of))).collect();
        for blocks in self.together() {
            for rolled in self.roll_up(&blocks).unwrap() {
                for technique in rolled.techniques().indices() {
                    let list = |column| rolled.list(technique, column).to_vec();
                    let key = |column| Key::Technique(rolled.block(), technique, column);
                    lists.extend(self.layout.columns().map(|column| (key(column), list(column))));
                }
            }
        }
        let scale = |code: u8| crate::domain::scale::Scale::ALL.get(usize::from(code)).copied();
        let of_key = |(key, entries): (Key, Vec<Entry>)| {
            entries.into_iter().map(move |entry| (key, entry.member, entry.value, scale(entry.scale)))
        };
        lists.into_iter().flat_map(of_key).collect()
    }

    /// The blocks whose lists are pulled together.
    pub(in crate::domain::release) fn together(&self) -> Vec<Vec<BlockIx>> {
        self.techniques.together()
    }

    /// The lists of some blocks.
    pub(in crate::domain::release) fn roll_up(
        &self,
        blocks: &[BlockIx],
    ) -> Result<Vec<BlockLists<'_>>, RollUpError> {
        let members = || self.members.filled(());
        let mut lists: Vec<BlockLists<'_>> =
            blocks.iter().map(|block| BlockLists::new(&self.layout, *block, members())).collect();
        self.techniques.roll_up(&mut lists)?;
        Ok(lists)
    }
}

/// Rolls up no cells.
struct Nothing;

impl RollUp for Nothing {
    fn together(&self) -> Vec<Vec<BlockIx>> {
        Vec::new()
    }

    fn roll_up(&self, _: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
        Ok(())
    }

    fn renumber(&mut self, _: &By<Members, Option<MemberIx>>) {}
}

impl fmt::Debug for Unreleased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unreleased(…)")
    }
}
