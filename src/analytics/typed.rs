//! From the numbers that stand in rows to the release's own indices.

use super::row::{BLOCK, TECHNOLOGY};
use crate::domain::release::{BlockIx, BlockLists, Layout, RollUpError, TechniqueIx, Technology};

/// The parts of rows fit by their bits.
pub(super) fn number<T: TryFrom<u64> + Default>(value: u64) -> T {
    T::try_from(value).unwrap_or_default()
}

/// The lists of a block, among those of consecutive blocks.
pub(super) fn of_block<'a, 'l>(
    lists: &'a mut [BlockLists<'l>],
    block: u64,
) -> Result<&'a mut BlockLists<'l>, RollUpError> {
    let first = lists.first().map_or(0, |lists| u64::from(lists.block()));
    let position = block.checked_sub(first).and_then(|position| usize::try_from(position).ok());
    position.and_then(|position| lists.get_mut(position)).ok_or_else(unknown)
}

/// The technique of a slot.
pub(super) fn technique(lists: &BlockLists<'_>, slot: usize) -> Result<TechniqueIx, RollUpError> {
    lists.techniques().index_of(slot).ok_or_else(unknown)
}

/// The technology of a row; `None` where it counts in no column but `any`.
pub(super) fn technology(layout: &Layout, row: u64) -> Result<Option<&Technology>, RollUpError> {
    let position: Option<u16> = TECHNOLOGY.get(row).checked_sub(1).map(number);
    position.map(|position| layout.technology(position).ok_or_else(unknown)).transpose()
}

/// The block of a row.
pub(super) fn block(layout: &Layout, row: u64) -> Result<BlockIx, RollUpError> {
    layout.blocks().index_of(number(BLOCK.get(row))).ok_or_else(unknown)
}

#[cold]
pub(super) fn unknown() -> RollUpError {
    RollUpError("a row is of a technique or of a technology that is not there".to_owned())
}
