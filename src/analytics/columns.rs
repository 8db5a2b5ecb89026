//! Techniques in columns, as `domain::coverage` defines them, in expressions over sorted rows: a technique's value in a
//! column is the greatest score of the technologies in it; a parent's is max(own, mean of its sub-techniques, 1 if any of
//! them is above 0); what stands on more than one scale is left out.
//!
//! Rows that belong together follow each other, so the greatest of a group is the last of a run: each row is compared with
//! the next.

use polars::prelude::{
    DataFrame, DataType, Expr, IntoLazy as _, LazyFrame, NamedFrom as _, PolarsError, PolarsResult, Series,
    SortMultipleOptions, UnionArgs, col, concat, lit, max_horizontal, when,
};

use super::{
    row::{BLOCK, Bits, COLUMN, FAMILY, MEMBER, ROW, SCALE, SCORE, SLOT, TECHNOLOGY, ascending, bits},
    typed::{number, of_block, technique, technology, unknown},
};
use crate::domain::release::{BlockLists, Layout, RollUpError};

/// Adds what rows roll up into to the lists of their blocks. Members ascend from call to call.
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
    let failed = |error: PolarsError| RollUpError(error.to_string());
    let frame = DataFrame::new_infer_height(vec![Series::new(ROW.into(), rows).into()]).map_err(failed)?;
    for Columns { subs, parents } in columns(frame.lazy()).map_err(failed)? {
        for rolled in [subs, parents] {
            let rows = rolled.column(ROW).and_then(|rows| rows.u64()).map_err(failed)?;
            rows.into_no_null_iter().try_for_each(|row| push(row, false))?;
        }
    }
    Ok(())
}

/// Every technique's value in the columns of one kind.
struct Columns {
    subs: DataFrame,
    parents: DataFrame,
}

/// The columns of the technologies, of the families, and `any`. `rows` holds what is assessed through each technology,
/// ascending within it, and what counts in `any` alone.
fn columns(rows: LazyFrame) -> PolarsResult<[Columns; 3]> {
    let technologies = rows.clone().filter(COLUMN.is_zero().not()).collect()?;
    let families = coarser(technologies.clone().lazy(), TECHNOLOGY).collect()?;
    let all = concat([families.clone().lazy(), rows.filter(COLUMN.is_zero())], UnionArgs::default())?;
    let any = coarser(all, COLUMN).collect()?;
    Ok([Columns::new(technologies)?, Columns::new(families)?, Columns::new(any)?])
}

impl Columns {
    fn new(rows: DataFrame) -> PolarsResult<Self> {
        let subs =
            rows.clone().lazy().filter(SLOT.is_zero().not()).filter(SLOT.is_last().and(SLOT.is_next().not()));
        Ok(Self { subs: subs.collect()?, parents: parents(rows.lazy()).collect()? })
    }
}

/// The best score of each technique on each scale in the columns that differ in nothing but `within`.
fn coarser(rows: LazyFrame, within: Bits) -> LazyFrame {
    rows.select([within.cleared().alias(ROW)])
        .sort([ROW], SortMultipleOptions::default())
        .filter(SCALE.is_last())
}

/// What is added up of the rows of a parent and its sub-techniques, all in one integer: a list of one integer is added up in
/// a quarter of the time of four.
const OWN: Bits = bits(0, 16);
const SUB: Bits = bits(16, 16);
const SUBS: Bits = bits(32, 16);
const SCALES: Bits = bits(48, 15);

/// Parents that have a value on one scale: their own rows and those of their sub-techniques become one.
fn parents(rows: LazyFrame) -> LazyFrame {
    let is_sub = || SLOT.is_zero().not();
    let changes = SCALE.value().neq_missing(SCALE.value().shift(lit(1)));
    let change = TECHNOLOGY.is_next().and(changes);
    let one = |which: Expr| which.cast(DataType::UInt64);
    let (own, sub) = (OWN.placed(SCORE.value()), SUB.placed(SCORE.value()) + SUBS.placed(lit(1_u64)));
    let sum = || col("sum");
    rows.select([
        ascending(TECHNOLOGY.upwards()).alias("parent"),
        SCALE.value().alias("scale"),
        (when(is_sub()).then(sub).otherwise(own) + SCALES.placed(one(change))).alias("sum"),
    ])
    .group_by_stable([col("parent")])
    .agg([col("scale").first(), col("sum").implode(true)])
    .with_column(sum().list().sum())
    .filter(SCALES.value_of(sum()).eq(lit(0_u64)))
    .select([
        col("parent"),
        col("scale"),
        greatest([
            OWN.value_of(sum()),
            mean(SUB.value_of(sum()), SUBS.value_of(sum())),
            one(SUB.value_of(sum()).gt(lit(0_u64))),
        ])
        .alias("score"),
    ])
    .select([(TECHNOLOGY.placed(col("parent")) + SCALE.placed(col("scale")) + SCORE.placed(col("score")))
        .alias(ROW)])
}

/// Half up; 0 of none.
fn mean(sum: Expr, count: Expr) -> Expr {
    let half_up = (sum * lit(2_u64) + count.clone()) / (count.clone() * lit(2_u64));
    when(count.eq(lit(0_u64))).then(lit(0_u64)).otherwise(half_up)
}

fn greatest<const N: usize>(of: [Expr; N]) -> Expr {
    max_horizontal(of).unwrap_or_else(|_| lit(0_u64))
}
