//! Every measure of a batch of members, as polars expressions. The definitions stand in `domain::coverage`.

use polars::prelude::{
    DataFrame, DataType, Expr, IntoLazy, JoinArgs, JoinType, LazyFrame, PolarsResult, UnionArgs,
    UniqueKeepStrategy, col, concat, len, lit, when,
};

use super::{
    Columns,
    contributions::{Frames, MEMBER},
};
use crate::domain::scale::Scale;

/// All observations of the batch.
pub(super) fn columns(frames: Frames) -> PolarsResult<Columns> {
    // Read by several measures, so it is not planned again for each.
    let cells = frames.cells.lazy();
    let applied = cells.clone().filter(col("applies"));
    let measures = [
        applied.clone().select([(col("any") + col("cell")).alias("id"), col("score"), col("scale")]),
        techniques(&cells, &applied)?,
        unscaled(technology_counts(&applied, frames.owned)?),
        unscaled(composites(&cells, frames.sets, frames.set_parents)?),
    ];
    // One after the other: the frames of one measure are gone before the next.
    let mut columns = Columns::default();
    for measure in measures {
        columns.append(&measure.collect()?)?;
    }
    Ok(columns)
}

impl Columns {
    fn append(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        let none = u8::try_from(Scale::ALL.len()).unwrap_or(u8::MAX);
        let narrow = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
        for id in frame.column("id")?.u64()?.into_no_null_iter() {
            self.keys.push(u32::try_from(id % MEMBER).unwrap_or(u32::MAX));
            self.members.push(u32::try_from(id / MEMBER).unwrap_or(u32::MAX));
        }
        self.values.extend(frame.column("score")?.u32()?.into_no_null_iter().map(narrow));
        match frame.column("scale") {
            Ok(scale) => self.scales.extend(scale.u32()?.into_no_null_iter().map(narrow)),
            Err(_) => self.scales.resize(self.keys.len(), none),
        }
        Ok(())
    }
}

/// Shares and counts compare across scales.
fn unscaled(measure: LazyFrame) -> LazyFrame {
    measure.select([col("id"), col("score").cast(DataType::UInt32)])
}

fn stacked<const N: usize>(frames: [LazyFrame; N]) -> PolarsResult<LazyFrame> {
    concat(frames, UnionArgs { rechunk: false, ..UnionArgs::default() })
}

/// A literal of the frames' type; a bare one would take whatever type the planner likes.
fn number(value: u32) -> Expr {
    lit(value).cast(DataType::UInt32)
}

fn larger(a: Expr, b: Expr) -> Expr {
    when(a.clone().gt(b.clone())).then(a).otherwise(b)
}

/// The technique measure of every column: maxima over the technologies of a column, then parents from their own value
/// and their sub-techniques'. `low` and `high` are the least and greatest scale behind a value: where they differ, the
/// value mixes scales and is left out.
fn techniques(cells: &LazyFrame, applied: &LazyFrame) -> PolarsResult<LazyFrame> {
    let in_column = |rows: &LazyFrame, offset: Expr| {
        rows.clone().select([
            (col("any") + offset.clone()).alias("id"),
            (col("parent") + offset).alias("parent"),
            col("score"),
            col("scale").alias("low"),
            col("scale").alias("high"),
        ])
    };
    let maximum = |rows: LazyFrame| {
        rows.group_by([col("id"), col("parent")]).agg([
            col("score").max(),
            col("low").min(),
            col("high").max(),
        ])
    };
    // Positive cells count in `any` even where they do not apply.
    let counted = cells.clone().filter(col("applies").or(col("score").gt(number(0))));
    let rolled = stacked([
        in_column(applied, col("technology")),
        maximum(in_column(applied, col("family"))),
        maximum(in_column(&counted, lit(0_u64).cast(DataType::UInt64))),
    ])?
    .collect()?
    .lazy();
    let subs = rolled.clone().filter(col("id").neq(col("parent")));
    let own = rolled.filter(col("id").eq(col("parent")));
    let from_subs = subs.clone().group_by([col("parent")]).agg([
        number(0).alias("own"),
        col("score").sum().alias("sum"),
        len().cast(DataType::UInt32).alias("count"),
        col("score").max().alias("best"),
        col("low").min(),
        col("high").max(),
    ]);
    let from_own = own.select([
        col("parent"),
        col("score").alias("own"),
        number(0).alias("sum"),
        number(0).alias("count"),
        number(0).alias("best"),
        col("low"),
        col("high"),
    ]);
    let two = || number(2);
    let mean = when(col("count").gt(number(0)))
        .then((col("sum") * two() + col("count")) / (col("count") * two()))
        .otherwise(number(0));
    let at_least = when(col("best").gt(number(0))).then(number(1)).otherwise(number(0));
    let parents = stacked([from_own, from_subs])?
        .group_by([col("parent")])
        .agg([
            col("own").max(),
            col("sum").sum(),
            col("count").sum(),
            col("best").max(),
            col("low").min(),
            col("high").max(),
        ])
        .select([
            col("parent").alias("id"),
            larger(col("own"), larger(mean, at_least)).alias("score"),
            col("low"),
            col("high"),
        ]);
    let techniques = stacked([subs.select([col("id"), col("score"), col("low"), col("high")]), parents])?;
    Ok(techniques.filter(col("low").eq(col("high"))).select([
        col("id"),
        col("score").cast(DataType::UInt32),
        col("low").alias("scale"),
    ]))
}

/// Per declared technology the number of parents with a rule through it, 0 included.
fn technology_counts(applied: &LazyFrame, owned: DataFrame) -> PolarsResult<LazyFrame> {
    let covered = applied
        .clone()
        .filter(col("score").gt(number(0)))
        .select([col("count").alias("id"), col("parent")])
        .unique(None, UniqueKeepStrategy::Any)
        .select([col("id"), number(1).alias("score")]);
    let none = owned.lazy().select([col("id"), number(0).alias("score")]);
    Ok(stacked([none, covered])?.group_by([col("id")]).agg([col("score").sum()]))
}

/// Per composite of a member the share of its set that is covered, half up.
fn composites(cells: &LazyFrame, sets: DataFrame, set_parents: DataFrame) -> PolarsResult<LazyFrame> {
    let positive = cells.clone().filter(col("score").gt(number(0)));
    let covered = |set: &str| {
        let member = col("parent") / lit(MEMBER).cast(DataType::UInt64) * lit(MEMBER).cast(DataType::UInt64);
        positive.clone().select([member.alias("member"), col(set).alias("set_parent")])
    };
    let hits = stacked([covered("any_set"), covered("family_set")])?
        .unique(None, UniqueKeepStrategy::Any)
        .join(set_parents.lazy(), [col("set_parent")], [col("set_parent")], JoinArgs::new(JoinType::Inner))
        .select([
            (col("member") + col("key")).alias("id"),
            number(0).alias("of"),
            number(1).alias("covered"),
        ]);
    let all = sets.lazy().select([col("id"), col("of"), number(0).alias("covered")]);
    let share = (col("covered") * number(200) + col("of")) / (col("of") * number(2));
    Ok(stacked([all, hits])?
        .group_by([col("id")])
        .agg([col("of").max(), col("covered").sum()])
        .filter(col("of").gt(number(0)))
        .select([col("id"), share.alias("score")]))
}
