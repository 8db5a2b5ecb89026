//! From rolled up rows to the lists that the rules read.

use super::{
    columns::{Columns, columns},
    row::{BLOCK, COLUMN, FAMILY, MEMBER, SCALE, SCORE, SLOT},
    typed::{number, of_block, technique, technology, unknown},
};
use crate::domain::release::{BlockLists, Layout, RollUpError};

/// Adds what the ascending rows of some blocks roll up into to the lists of these blocks.
pub(super) fn fill(layout: &Layout, rows: Vec<u64>, lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError> {
    let mut push = |row: u64, is_cell: bool| {
        let column = match technology(layout, row)? {
            Some(technology) if is_cell => technology.cell,
            Some(technology) => technology.column,
            None => layout.column(number(FAMILY.get(row))).ok_or_else(unknown)?,
        };
        let lists = of_block(lists, BLOCK.get(row))?;
        let technique = technique(lists, number(SLOT.get(row)))?;
        if is_cell && lists.is_one(technique) {
            return Ok(());
        }
        lists.push(
            technique,
            column,
            (number(MEMBER.get(row)), number(SCORE.get(row)), number(SCALE.get(row))),
        )
    };
    rows.iter().filter(|row| COLUMN.get(**row) > 0).try_for_each(|row| push(*row, true))?;
    for Columns { subs, parents } in columns(rows).map_err(|error| RollUpError(error.to_string()))? {
        for rolled in [subs, parents] {
            rolled.into_no_null_iter().try_for_each(|row| push(row, false))?;
        }
    }
    Ok(())
}
