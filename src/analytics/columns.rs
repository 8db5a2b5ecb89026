//! Techniques in columns, as `domain::coverage` defines them, in expressions over sorted rows: a technique's value in a
//! column is the greatest score of the technologies in it; a parent's is max(own, mean of its sub-techniques, 1 if any of
//! them is above 0); what stands on more than one scale is left out.
//!
//! Rows that belong together follow each other, so the greatest of a group is the last of a run, and the sum over a group is
//! the difference of two running sums: no group is gathered, and nothing is hashed.

use polars::prelude::{
    DataFrame, DataType, Expr, IntoColumn as _, IntoLazy as _, LazyFrame, NamedFrom as _,
    NewChunkedArray as _, PolarsResult, Series, SortMultipleOptions, UInt64Chunked, UnionArgs, col, concat,
    lit, max_horizontal, when,
};

use super::row::{BLOCK, Bits, COLUMN, ROW, SCALE, SCORE, SLOT, TECHNOLOGY, bits};

/// Every technique's value on one scale in the columns of one kind, as rows with 0 where the column has no technology or no
/// family.
pub(super) struct Columns {
    pub subs: UInt64Chunked,
    pub parents: UInt64Chunked,
}

/// The values of techniques in the columns of the technologies, of the families, and in `any`. What is assessed
/// through each technology ascends; what counts in `any` alone may stand anywhere.
pub(super) fn columns(rows: Vec<u64>) -> PolarsResult<[Columns; 3]> {
    let rows = DataFrame::new_infer_height(vec![Series::new(ROW.into(), rows).into()])?.lazy();
    let technologies = rows.clone().filter(COLUMN.is_zero().not()).collect()?.lazy();
    let families = coarser(technologies.clone(), TECHNOLOGY).collect()?.lazy();
    let all = concat([families.clone(), rows.filter(COLUMN.is_zero())], UnionArgs::default())?;
    let any = coarser(all, COLUMN).collect()?.lazy();
    Ok([Columns::new(technologies)?, Columns::new(families)?, Columns::new(any)?])
}

impl Columns {
    fn new(rows: LazyFrame) -> PolarsResult<Self> {
        let of = |rows: LazyFrame| -> PolarsResult<UInt64Chunked> {
            Ok(rows.collect()?.column(ROW)?.u64()?.clone())
        };
        Ok(Self { subs: of(subs(rows.clone()))?, parents: of(parents(rows))? })
    }
}

/// The best score of each technique on each scale in the columns that differ in nothing but `within`.
fn coarser(rows: LazyFrame, within: Bits) -> LazyFrame {
    rows.select([within.cleared().alias(ROW)])
        .sort([ROW], SortMultipleOptions::default().with_multithreaded(false))
        .filter(SCALE.is_last())
}

/// Sub-techniques that have a value on one scale.
fn subs(rows: LazyFrame) -> LazyFrame {
    rows.filter(SLOT.is_zero().not().and(SLOT.is_first()).and(SLOT.is_last()))
}

/// The sums of the rows of a parent and its sub-techniques, all in one integer: one running sum instead of four.
/// The sums of a group fit their bits, so differences of running sums are right whatever carries over below.
const CHANGES: Bits = bits(0, 9);
const OWN: Bits = bits(9, 10);
const SUBS: Bits = bits(19, 8);
const SUB: Bits = bits(27, 15);

/// Parents that have a value on one scale: their own rows and those of their sub-techniques become one.
fn parents(rows: LazyFrame) -> LazyFrame {
    let sub = SUB.placed(SCORE.value()) + SUBS.placed(lit(1_u64));
    let own = OWN.placed(SCORE.value());
    let changes = SCALE.changes().and(TECHNOLOGY.is_first().not());
    let sum = || col("sum");
    rows.select([
        col(ROW),
        running(
            when(SLOT.is_zero()).then(own).otherwise(sub) + CHANGES.placed(changes.cast(DataType::UInt64)),
        )
        .alias("sum"),
    ])
    .filter(TECHNOLOGY.is_last())
    .select([col(ROW), (sum() - sum().shift_and_fill(lit(1), lit(0_u64))).alias("sum")])
    .filter(CHANGES.value_of(sum()).eq(lit(0_u64)))
    .select([(col(ROW).and(lit(TECHNOLOGY.and(BLOCK).mask() | SCALE.mask()))
        + greatest([
            OWN.value_of(sum()),
            mean(SUB.value_of(sum()), SUBS.value_of(sum())),
            SUB.value_of(sum()).gt(lit(0_u64)).cast(DataType::UInt64),
        ]))
    .alias(ROW)])
}

/// The sums of all values up to each.
fn running(values: Expr) -> Expr {
    values.map(
        |column| {
            let mut sum = 0_u64;
            let add = |value: u64| {
                sum = sum.wrapping_add(value);
                sum
            };
            let sums = column.u64()?.into_no_null_iter().map(add);
            Ok(UInt64Chunked::from_iter_values(column.name().clone(), sums).into_column())
        },
        |_, field| Ok(field.clone()),
    )
}

/// Half up; 0 of none.
fn mean(sum: Expr, count: Expr) -> Expr {
    let half_up = (sum * lit(2_u64) + count.clone()) / (count.clone() * lit(2_u64));
    when(count.eq(lit(0_u64))).then(lit(0_u64)).otherwise(half_up)
}

fn greatest<const N: usize>(of: [Expr; N]) -> Expr {
    max_horizontal(of).unwrap_or_else(|_| lit(0_u64))
}
