//! What the rules work on, and the only thing that must never leave: every organisation's value of everything. It can
//! be built from outside this module, but read only by the rules; it has no serialization and no public field.

use std::{collections::BTreeSet, fmt, ops::Range};

use super::{
    entry::{Entry, NO_SCALE},
    layout::{Key, Layout},
    roll_up::{BlockLists, RollUp, RollUpError},
};
use crate::domain::{dimension::ByDimension, organisation::OrganisationId};

/// A contributor, as frozen at the cut-off (R3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub organisation: OrganisationId,
    pub control_group: String,
    pub dimensions: ByDimension<String>,
}

/// Everybody's values: of the keys without a column as they are, of the techniques as lists that are rolled up block by
/// block when the rules pull them.
pub struct Unreleased {
    pub(in crate::domain::release) layout: Layout,
    pub(in crate::domain::release) members: Vec<Member>,
    /// Per key without a column each member's value, or [`ABSENT`].
    simple: Vec<Vec<u8>>,
    /// Per member the scales of its cells, one bit for each position in `Scale::ALL`.
    pub(in crate::domain::release) scales: Vec<u8>,
    techniques: Box<dyn RollUp>,
}

/// Says that a member has no value of a key without a column.
pub const ABSENT: u8 = u8::MAX;

impl Unreleased {
    /// `simple` holds per key without a column a value or [`ABSENT`] for each member; `scales` per member one bit for each
    /// position in `Scale::ALL` that its cells are on; `techniques` rolls up the cells of the same members.
    pub fn new(
        layout: Layout,
        members: Vec<Member>,
        simple: Vec<Vec<u8>>,
        scales: Vec<u8>,
        techniques: Box<dyn RollUp>,
    ) -> Self {
        Self { layout, members, simple, scales, techniques }
    }

    /// What it would be if some organisations had never been in it.
    pub fn without(mut self, organisations: &BTreeSet<OrganisationId>) -> Self {
        if organisations.is_empty() {
            return self;
        }
        let stays = |member: &Member| !organisations.contains(&member.organisation);
        let mut next = 0..;
        let numbers: Vec<Option<u32>> =
            self.members.iter().map(|member| stays(member).then(|| next.next()).flatten()).collect();
        self.members.retain(stays);
        for values in self.simple.iter_mut().chain([&mut self.scales]) {
            let mut numbers = numbers.iter();
            values.retain(|_| numbers.next().is_some_and(Option::is_some));
        }
        self.techniques.renumber(&numbers);
        self
    }

    /// The list of a key without a column, ascending by member.
    pub(in crate::domain::release) fn simple(&self, key: Key) -> Vec<Entry> {
        let values = usize::try_from(key).ok().and_then(|key| self.simple.get(key));
        let present = values.into_iter().flatten().zip(0_u32..).filter(|(value, _)| **value != ABSENT);
        let present = present.map(|(value, member)| Entry { member, value: *value, scale: NO_SCALE });
        present.collect()
    }

    /// Everything in the lists of all keys, for comparing with the definitions: key, member, value and scale.
    #[cfg(test)]
    pub fn observations(&self) -> Vec<(Key, u32, u8, Option<crate::domain::scale::Scale>)> {
        let mut lists: Vec<(Key, Vec<Entry>)> =
            (0..self.layout.simple_len()).map(|key| (key, self.simple(key))).collect();
        for blocks in self.together() {
            for rolled in self.roll_up(blocks).unwrap() {
                for (slot, first) in rolled.techniques() {
                    let columns = 0..self.layout.columns();
                    lists.extend(columns.map(|offset| (first + offset, rolled.list(slot, offset).to_vec())));
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
    pub(in crate::domain::release) fn together(&self) -> Vec<Range<u32>> {
        self.techniques.together()
    }

    /// The lists of some blocks.
    pub(in crate::domain::release) fn roll_up(
        &self,
        blocks: Range<u32>,
    ) -> Result<Vec<BlockLists>, RollUpError> {
        self.techniques.roll_up(blocks)
    }
}

impl fmt::Debug for Unreleased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unreleased(…)")
    }
}
