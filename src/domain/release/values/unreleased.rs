//! What the rules work on, and the only thing that must never leave: every organisation's value of everything. It can
//! be built from outside this module, but read only by the rules; it has no serialization and no public field.

use std::{collections::BTreeSet, fmt};

use rayon::prelude::*;

use super::layout::{Key, Layout};
use crate::domain::{dimension::ByDimension, organisation::OrganisationId, scale::Score};

/// A contributor, as frozen at the cut-off (R3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub organisation: OrganisationId,
    pub control_group: String,
    pub dimensions: ByDimension<String>,
}

/// One assessed cell of one member, in eight bytes: a release holds all of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessed {
    member: u32,
    /// The technique's slot in its block, and the technology.
    place: u16,
    score: u8,
    /// Position in `Scale::ALL`, and [`APPLIES`].
    scale: u8,
}

/// Technologies are numbered below this; it stands for those outside the registry, which are in no column but `any`.
const OTHER: u16 = (1 << SLOT_SHIFT) - 1;
const SLOT_SHIFT: u16 = 11;
const APPLIES: u8 = 1 << 7;

impl Assessed {
    /// `slot` is below 32; `technology` the position in the registry, `None` outside it. `applies` says whether the
    /// technique applies to the technology: if not, a positive score counts in `any` alone.
    pub fn new(
        member: u32,
        slot: u8,
        technology: Option<u16>,
        score: Score,
        scale: u8,
        applies: bool,
    ) -> Self {
        let technology = technology.unwrap_or(OTHER).min(OTHER);
        let applies = applies && technology != OTHER;
        Self {
            member,
            place: u16::from(slot) << SLOT_SHIFT | technology,
            score: score.get(),
            scale: scale | if applies { APPLIES } else { 0 },
        }
    }

    pub(in crate::domain::release) fn member(self) -> u32 {
        self.member
    }

    pub(in crate::domain::release) fn slot(self) -> usize {
        usize::from(self.place >> SLOT_SHIFT)
    }

    /// Where it [applies](Self::applies), the position in the registry.
    pub(in crate::domain::release) fn technology(self) -> u16 {
        self.place & OTHER
    }

    pub(in crate::domain::release) fn score(self) -> u8 {
        self.score
    }

    pub(in crate::domain::release) fn scale(self) -> u8 {
        self.scale & !APPLIES
    }

    pub(in crate::domain::release) fn applies(self) -> bool {
        self.scale & APPLIES != 0
    }
}

/// The assessed cells of some members, grouped by block; within a block ascending by member, then technology.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    cells: Vec<Assessed>,
    /// Per block the position of its first cell; one more than blocks.
    starts: Vec<usize>,
}

impl Batch {
    /// Groups cells, each with its block, by one stable counting sort. Blocks outside `blocks` are left out (R26).
    pub fn new(blocks: u32, cells: &[(u32, Assessed)]) -> Self {
        let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let mut starts = vec![0_usize; index(blocks).saturating_add(1)];
        for (block, _) in cells {
            starts.get_mut(index(*block).saturating_add(1)).into_iter().for_each(|count| *count += 1);
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let empty = Assessed { member: 0, place: 0, score: 0, scale: 0 };
        let mut sorted = vec![empty; total];
        for (block, cell) in cells.iter().filter(|(block, _)| *block < blocks) {
            let Some(slot) = next.get_mut(index(*block)) else { continue };
            sorted.get_mut(*slot).into_iter().for_each(|place| *place = *cell);
            *slot += 1;
        }
        Self { cells: sorted, starts }
    }

    /// Leaves out members without a number, and renumbers the others.
    fn renumber(&mut self, numbers: &[Option<u32>]) {
        let number = |cell: &Assessed| numbers.get(usize::try_from(cell.member).ok()?).copied().flatten();
        // How many cells before a position are left out.
        let mut gone = 0;
        let mut starts = self.starts.iter_mut().peekable();
        for position in 0..=self.cells.len() {
            while let Some(start) = starts.next_if(|start| **start == position) {
                *start -= gone;
            }
            gone += usize::from(self.cells.get(position).is_some_and(|cell| number(cell).is_none()));
        }
        self.cells.retain_mut(|cell| {
            let number = number(cell);
            number.into_iter().for_each(|number| cell.member = number);
            number.is_some()
        });
    }

    pub(in crate::domain::release) fn block(&self, number: u32) -> &[Assessed] {
        let range = || {
            let number = usize::try_from(number).ok()?;
            self.cells.get(*self.starts.get(number)?..*self.starts.get(number + 1)?)
        };
        range().unwrap_or_default()
    }
}

/// Everybody's values: of the keys without a column as they are, of the techniques as assessed cells that the rules roll
/// up block by block.
pub struct Unreleased {
    pub(in crate::domain::release) layout: Layout,
    pub(in crate::domain::release) members: Vec<Member>,
    /// Per key without a column each member's value, or [`ABSENT`].
    simple: Vec<Vec<u8>>,
    batches: Vec<Batch>,
    /// Tests say values of techniques outright.
    #[cfg(test)]
    pub(in crate::domain::release) given: Vec<(Key, Entry)>,
}

/// Says that a member has no value of a key without a column.
pub const ABSENT: u8 = u8::MAX;

/// One organisation's value in a key's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::release) struct Entry {
    /// Position in the list of members.
    pub member: u32,
    pub value: u8,
    /// Position in `Scale::ALL`, or [`NO_SCALE`] for composites and counts, which compare across scales.
    pub scale: u8,
}

pub(in crate::domain::release) const NO_SCALE: u8 = u8::MAX;

impl Unreleased {
    /// `simple` holds per key without a column a value or [`ABSENT`] for each member; batches follow each other in the
    /// order of members.
    pub fn new(layout: Layout, members: Vec<Member>, simple: Vec<Vec<u8>>, batches: Vec<Batch>) -> Self {
        Self {
            layout,
            members,
            simple,
            batches,
            #[cfg(test)]
            given: Vec::new(),
        }
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
        for values in &mut self.simple {
            let mut numbers = numbers.iter();
            values.retain(|_| numbers.next().is_some_and(Option::is_some));
        }
        self.batches.par_iter_mut().for_each(|batch| batch.renumber(&numbers));
        self
    }

    /// The list of a key without a column, ascending by member.
    pub(in crate::domain::release) fn simple(&self, key: Key) -> Vec<Entry> {
        let values = usize::try_from(key).ok().and_then(|key| self.simple.get(key));
        let present = values.into_iter().flatten().zip(0_u32..).filter(|(value, _)| **value != ABSENT);
        let present = present.map(|(value, member)| Entry { member, value: *value, scale: NO_SCALE });
        #[cfg(test)]
        let present = present.chain(self.given.iter().filter(|(of, _)| *of == key).map(|(_, entry)| *entry));
        present.collect()
    }

    /// Everything in the lists of all keys, for comparing with the definitions: key, member, value and scale.
    #[cfg(test)]
    pub fn observations(&self) -> Vec<(Key, u32, u8, Option<crate::domain::scale::Scale>)> {
        use super::block::Lists;
        let mut lists: Vec<(Key, Vec<Entry>)> =
            (0..self.layout.simple_len()).map(|key| (key, self.simple(key))).collect();
        let families: Vec<u32> = self.layout.technology_families().collect();
        for block in 0..self.layout.block_count() {
            let rolled = Lists::new(self, block, &families);
            for (slot, first) in rolled.techniques() {
                let columns = 0..self.layout.columns();
                lists.extend(columns.map(|offset| (first + offset, rolled.list(slot, offset).to_vec())));
            }
        }
        let scale = |code: u8| crate::domain::scale::Scale::ALL.get(usize::from(code)).copied();
        let of_key = |(key, entries): (Key, Vec<Entry>)| {
            entries.into_iter().map(move |entry| (key, entry.member, entry.value, scale(entry.scale)))
        };
        lists.into_iter().flat_map(of_key).collect()
    }

    /// The scales that members use in a block.
    pub(in crate::domain::release) fn scales(&self, block: u32) -> impl Iterator<Item = (u32, u8)> {
        let scales = self.cells(block).flatten().map(|cell| (cell.member, cell.scale()));
        #[cfg(test)]
        let scales = scales.chain(self.given.iter().map(|(_, entry)| (entry.member, entry.scale)));
        scales
    }

    /// The assessed cells of a block, ascending by member.
    pub(in crate::domain::release) fn cells(&self, block: u32) -> impl Iterator<Item = &[Assessed]> {
        self.batches.iter().map(move |batch| batch.block(block))
    }
}

impl fmt::Debug for Unreleased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unreleased(…)")
    }
}
