//! The lists of every technique in every column, as the rules pull them: some parent techniques with their sub-techniques
//! at a time, so that no list of all columns exists at once. Rolling up is relational work and is done outside the domain;
//! its definitions stand in `domain::coverage`.

use std::ops::Range;

use thiserror::Error;

use super::{
    entry::Entry,
    layout::{Key, Layout},
};

/// The reason why values could not be rolled up: nothing is released then (R26).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the members' values could not be rolled up: {0}")]
pub struct RollUpError(pub String);

/// Rolls up what the members have, block by block. A block is a parent technique with its sub-techniques.
pub trait RollUp: Send + Sync {
    /// The blocks that are rolled up together: ascending, without a gap, all of them.
    fn together(&self) -> Vec<Range<u32>>;

    /// The lists of each of these blocks.
    fn roll_up(&self, blocks: Range<u32>) -> Result<Vec<BlockLists>, RollUpError>;

    /// Leaves out the members without a number and renumbers the others; numbers ascend.
    fn renumber(&mut self, numbers: &[Option<u32>]);
}

/// The lists of one block's keys, each ascending by member. Whoever rolls up fills it; only the rules read it.
pub struct BlockLists {
    /// First keys of the techniques, by slot.
    first: Vec<Key>,
    columns: usize,
    /// Offsets of the technologies' cells, which follow the technologies' columns.
    cells: Range<u32>,
    lists: Vec<Vec<Entry>>,
    /// Whether all its cells are on one scale: then a finer column's list is part of the coarser one's.
    pub(in crate::domain::release) one_scale: bool,
}

impl BlockLists {
    /// Empty lists; `one_scale` says whether all cells that are rolled up into them are on one scale.
    pub fn new(layout: &Layout, block: u32, one_scale: bool) -> Self {
        let first: Vec<Key> = layout.block_keys(block).collect();
        let columns = usize::try_from(layout.columns()).unwrap_or_default();
        let lists = vec![Vec::new(); first.len() * columns];
        Self { first, columns, cells: layout.cell_offset(0)..layout.columns(), lists, one_scale }
    }

    /// Adds a member's value of a technique, by its slot, in the column at `offset` from the technique's first key. Members
    /// ascend within a list. `scale` is the position in `Scale::ALL`. The cells of a technique that [is one](Self::is_one)
    /// are its technologies' columns and need not be added.
    pub fn push(&mut self, slot: usize, offset: u32, (member, value, scale): (u32, u8, u8)) {
        let index = usize::try_from(offset).ok().map(|offset| slot * self.columns + offset);
        let list = index.and_then(|index| self.lists.get_mut(index));
        list.into_iter().for_each(|list| list.push(Entry { member, value, scale }));
    }

    /// Nothing rolls up into a sub-technique, nor into a parent without any: its cell and its column are one list.
    pub fn is_one(&self, slot: usize) -> bool {
        slot > 0 || self.first.len() == 1
    }

    /// The first key of each technique, with its slot.
    pub(in crate::domain::release) fn techniques(&self) -> impl Iterator<Item = (usize, Key)> {
        self.first.iter().copied().enumerate()
    }

    pub(in crate::domain::release) fn list(&self, slot: usize, offset: u32) -> &[Entry] {
        let technologies = self.cells.end - self.cells.start;
        let offset =
            if self.is_one(slot) && self.cells.contains(&offset) { offset - technologies } else { offset };
        let list =
            usize::try_from(offset).ok().and_then(|offset| self.lists.get(slot * self.columns + offset));
        list.map(Vec::as_slice).unwrap_or_default()
    }
}
