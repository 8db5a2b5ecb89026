//! The assessed cells of all members, eight bytes each, and their roll-up when the rules pull it: as many blocks at a time
//! as keep a data frame small.

use rayon::prelude::*;

use super::{
    row::{BLOCK, MEMBER, SCALE},
    scan::fill,
};
use crate::domain::release::{BlockIx, BlockLists, By, Layout, MemberIx, Members, RollUp, RollUpError};

/// Rows that are rolled up together; more only where one block has more. Lists of more blocks at once leave the processor's
/// cache, and their memory is new each time.
const ROWS: usize = if cfg!(test) { 256 } else { 1 << 15 };

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
    pub fn new(blocks: usize, rows: &[u64]) -> Self {
        let block = |row: u64| index(BLOCK.get(row));
        let mut starts = vec![0_usize; blocks.saturating_add(1)];
        for row in rows {
            if let Some(count) = starts.get_mut(block(*row).saturating_add(1)) {
                *count += 1;
            }
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
            if let Some(place) = sorted.get_mut(*next) {
                *place = *row;
            }
            *next += 1;
        }
        Self { rows: sorted, starts }
    }

    /// The rows of consecutive blocks.
    fn blocks(&self, blocks: &[BlockIx]) -> &[u64] {
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return &[] };
        let start = |block: usize| self.starts.get(block).copied();
        let range = start(first.position()).zip(start(last.position() + 1));
        range.and_then(|(start, end)| self.rows.get(start..end)).unwrap_or_default()
    }

    /// Leaves out members without a number, and renumbers the others.
    fn renumber(&mut self, numbers: &By<Members, Option<MemberIx>>) {
        let number = |row: u64| numbers[numbers.index_of(index(MEMBER.get(row)))?];
        let blocks = self.starts.len().saturating_sub(1);
        self.rows.retain_mut(|row| {
            let Some(place) = number(*row).and_then(|number| MEMBER.of(number)) else { return false };
            *row = MEMBER.replaced(*row, place);
            true
        });
        *self = Self::new(blocks, &self.rows);
    }
}

impl Cells {
    pub fn new(layout: Layout, batches: Vec<Batch>) -> Self {
        Self { layout, batches }
    }

    fn rows_of(&self, block: BlockIx) -> usize {
        self.rows(&[block]).map(<[u64]>::len).sum()
    }

    /// The rows of consecutive blocks, batch by batch.
    pub fn rows(&self, blocks: &[BlockIx]) -> impl Iterator<Item = &[u64]> {
        self.batches.iter().map(move |batch| batch.blocks(blocks))
    }

    /// The rows of the blocks of lists, ascending.
    #[cfg(test)]
    pub fn ascending(&self, lists: &[BlockLists<'_>]) -> Vec<u64> {
        let blocks: Vec<[BlockIx; 1]> = lists.iter().map(|lists| [lists.block()]).collect();
        let rows = || blocks.iter().flat_map(|block| self.rows(block));
        let mut all = Vec::with_capacity(rows().map(<[u64]>::len).sum());
        rows().for_each(|rows| all.extend_from_slice(rows));
        all
    }

    /// Says which lists are of cells on one scale.
    pub fn compare_scales(&self, lists: &mut [BlockLists<'_>]) {
        for lists in lists {
            let block = [lists.block()];
            let mut rows = self.rows(&block).flatten();
            let first = rows.next().map(|row| SCALE.get(*row));
            if rows.all(|row| Some(SCALE.get(*row)) == first) {
                lists.set_one_scale();
            }
        }
    }
}

impl RollUp for Cells {
    fn together(&self) -> Vec<Vec<BlockIx>> {
        let mut together: Vec<Vec<BlockIx>> = Vec::new();
        let mut rows = 0;
        for block in self.layout.blocks().indices() {
            let more = self.rows_of(block);
            match together.last_mut() {
                Some(blocks) if rows + more <= ROWS => {
                    blocks.push(block);
                    rows += more;
                }
                _ => {
                    together.push(vec![block]);
                    rows = more;
                }
            }
        }
        together
    }

    fn roll_up(&self, lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
        self.compare_scales(lists);
        let blocks: Vec<BlockIx> = lists.iter().map(BlockLists::block).collect();
        self.rows(&blocks).try_for_each(|rows| fill(&self.layout, rows, lists))
    }

    fn renumber(&mut self, numbers: &By<Members, Option<MemberIx>>) {
        self.batches.par_iter_mut().for_each(|batch| batch.renumber(numbers));
    }
}
