//! The assessed cells of all members, eight bytes each, and their roll-up when the rules pull it: as many blocks at a time
//! as keep a data frame small.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    row::{BLOCK, MEMBER, SCALE},
    scan::fill,
};
use crate::domain::release::{BlockLists, Layout, RollUp, RollUpError};

/// Rows of a data frame; more only where some members' cells of one block are more.
const ROWS: usize = if cfg!(test) { 256 } else { 1 << 18 };

/// The cells of everybody.
pub(super) struct Cells {
    pub layout: Layout,
    /// In the order of members.
    batches: Vec<Batch>,
}

/// The rows of some members by block; within a block by member, ascending by column, and then those that count in `any`
/// alone.
#[derive(Default)]
pub(super) struct Batch {
    rows: Vec<u64>,
    /// Per block the position of its first row; one more than blocks.
    starts: Vec<usize>,
}

fn index(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(usize::MAX)
}

impl Batch {
    /// Groups rows by block, by one stable counting sort.
    pub fn new(blocks: u32, rows: &[u64]) -> Self {
        let block = |row: u64| index(BLOCK.get(row));
        let mut starts = vec![0_usize; index(blocks).saturating_add(1)];
        for row in rows {
            starts.get_mut(block(*row).saturating_add(1)).into_iter().for_each(|count| *count += 1);
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut sorted = vec![0; total];
        for row in rows {
            let Some(next) = next.get_mut(block(*row)) else { continue };
            sorted.get_mut(*next).into_iter().for_each(|place| *place = *row);
            *next += 1;
        }
        Self { rows: sorted, starts }
    }

    fn blocks(&self, blocks: &Range<u32>) -> &[u64] {
        let start = |block: u32| self.starts.get(index(block)).copied();
        let range = start(blocks.start).zip(start(blocks.end));
        range.and_then(|(start, end)| self.rows.get(start..end)).unwrap_or_default()
    }

    /// Leaves out members without a number, and renumbers the others.
    fn renumber(&mut self, numbers: &[Option<u32>]) {
        let number = |row: u64| numbers.get(index(MEMBER.get(row))).copied().flatten();
        let blocks = u32::try_from(self.starts.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.rows.retain_mut(|row| {
            let place = number(*row).and_then(|number| MEMBER.of(number));
            place.into_iter().for_each(|place| *row = MEMBER.replaced(*row, place));
            place.is_some()
        });
        *self = Self::new(blocks, &self.rows);
    }
}

impl Cells {
    pub fn new(layout: Layout, batches: Vec<Batch>) -> Self {
        Self { layout, batches }
    }

    fn rows_of(&self, blocks: &Range<u32>) -> usize {
        self.rows(blocks).map(<[u64]>::len).sum()
    }

    /// Empty lists of some blocks.
    pub fn lists(&self, blocks: &Range<u32>) -> Vec<BlockLists> {
        let list = |block: u32| BlockLists::new(&self.layout, block, self.is_on_one_scale(block));
        blocks.clone().map(list).collect()
    }

    /// The rows of some blocks, batch by batch.
    pub fn rows(&self, blocks: &Range<u32>) -> impl Iterator<Item = &[u64]> {
        self.batches.iter().map(move |batch| batch.blocks(blocks))
    }

    fn is_on_one_scale(&self, block: u32) -> bool {
        let blocks = block..block + 1;
        let mut rows = self.rows(&blocks).flatten();
        let first = rows.next().map(|row| SCALE.get(*row));
        rows.all(|row| Some(SCALE.get(*row)) == first)
    }
}

impl RollUp for Cells {
    fn together(&self) -> Vec<Range<u32>> {
        let mut together: Vec<Range<u32>> = Vec::new();
        let mut rows = 0;
        for block in 0..self.layout.block_count() {
            let more = self.rows_of(&(block..block + 1));
            match together.last_mut() {
                Some(blocks) if rows + more <= ROWS => (blocks.end, rows) = (block + 1, rows + more),
                _ => {
                    together.push(block..block + 1);
                    rows = more;
                }
            }
        }
        together
    }

    fn roll_up(&self, blocks: Range<u32>) -> Result<Vec<BlockLists>, RollUpError> {
        let mut lists = self.lists(&blocks);
        self.rows(&blocks).for_each(|rows| fill(&self.layout, blocks.start, rows, &mut lists));
        Ok(lists)
    }

    fn renumber(&mut self, numbers: &[Option<u32>]) {
        self.batches.par_iter_mut().for_each(|batch| batch.renumber(numbers));
    }
}
