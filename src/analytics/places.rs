//! The catalogue's facts about every possible cell: two joins, made once for a release, as a column in which the
//! cells of the contributions are looked up by position.
//!
//! Joining every cell of every member gives the same, which a property test holds, and took half of the aggregation; the
//! column fits into a processor's cache.

use polars::prelude::{
    DataFrame, IntoLazy as _, JoinArgs, JoinType, NamedFrom as _, PolarsResult, Series, SortMultipleOptions,
    col, lit,
};

use super::{
    error::AnalyticsError,
    row::{BLOCK, FAMILY, SLOT, TECHNOLOGY},
};
use crate::domain::{
    applicability::Applicability,
    attack::TechniqueId,
    facts::Facts,
    release::{Layout, Technology, TechnologyIx},
    technology::{Family, TechnologyRef},
};

/// The places of all cells.
pub(super) struct Places<'f> {
    applicability: &'f Applicability,
    /// By technology, then by the technique's row: block, slot and column of the cell as they stand in a row. Technologies
    /// outside the registry, to which nothing applies, share the last part; 0 where the technique is in no statistic.
    pub column: Series,
    /// By the technique's row, whether it is in a statistic at all.
    is_placed: Vec<bool>,
    /// By technology of the registry.
    technologies: Vec<Through>,
}

/// The catalogue's facts about a technology.
#[derive(Debug, Clone, Copy)]
pub(super) struct Through {
    /// Position in the registry; that of the last part outside it.
    part: usize,
    /// Position in [`Family::ALL`].
    pub family: Option<usize>,
    /// In the order of columns: by family, then by technology.
    pub order: u64,
}

impl<'f> Places<'f> {
    pub fn new(facts: &'f Facts, layout: &Layout) -> Result<Self, AnalyticsError> {
        let mut technologies = Vec::new();
        for (number, technology) in layout.technologies().iter().zip(facts.registry().technologies()) {
            let (number, of) = number;
            technologies.push(Through {
                part: number.position(),
                family: Some(usize::from(technology.family.position())),
                order: column(of, number).ok_or(AnalyticsError::TooMany)?,
            });
        }
        let applicability = facts.applicability();
        let mut is_placed = vec![false; applicability.rows()];
        for id in facts.catalogue().active().map(|technique| technique.id) {
            if let Some(row) = applicability.row(id).and_then(|row| is_placed.get_mut(row)) {
                *row = layout.place(id).is_some();
            }
        }
        Ok(Self { applicability, column: places(facts, layout)?, is_placed, technologies })
    }

    pub fn through(&self, technology: TechnologyRef) -> Through {
        let outside = |family: Option<Family>| Through {
            part: self.technologies.len(),
            family: family.map(|family| usize::from(family.position())),
            order: u64::MAX,
        };
        match technology {
            TechnologyRef::Known(known) => {
                self.technologies.get(usize::from(known)).copied().unwrap_or(outside(None))
            }
            TechnologyRef::Other(family) => outside(family),
        }
    }

    /// The position of a cell in the column.
    pub fn position(&self, through: Through, technique: TechniqueId) -> Option<u32> {
        let row = self.applicability.row(technique).filter(|row| self.is_placed.get(*row) == Some(&true))?;
        u32::try_from(through.part * self.applicability.rows() + row).ok()
    }
}

/// The column of a technology as it stands in a row.
fn column(of: &Technology, number: TechnologyIx) -> Option<u64> {
    Some(FAMILY.of(of.family)? | TECHNOLOGY.of(u64::from(number) + 1)?)
}

/// An error where a cell can't be numbered: it is not left out (R26).
fn places(facts: &Facts, layout: &Layout) -> Result<Series, AnalyticsError> {
    let applicability = facts.applicability();
    let number = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
    let rows = number(applicability.rows());
    let registry = facts.registry().technologies();
    let known = number(registry.len());
    let all: Vec<u32> = (0..rows * (known + 1)).collect();
    let of: Vec<u32> = all.iter().map(|cell| cell % rows.max(1)).collect();
    let cells = frame([Series::new("cell".into(), all), Series::new("technique".into(), of)])?;

    let (mut technique, mut place) = (Vec::new(), Vec::new());
    for id in facts.catalogue().active().map(|technique| technique.id) {
        if let (Some(position), Some((block, slot))) = (applicability.row(id), layout.place(id)) {
            technique.push(number(position));
            let (block, slot) = BLOCK.of(block).zip(SLOT.of(slot)).ok_or(AnalyticsError::TooMany)?;
            place.push(block | slot);
        }
    }
    let techniques = frame([Series::new("technique".into(), technique), Series::new("place".into(), place)])?;

    let (mut cell, mut columns) = (Vec::new(), Vec::new());
    let known = (0_u16..).zip((0..).step_by(applicability.rows()));
    for ((known, from), (technology, of)) in known.zip(layout.technologies().iter()) {
        let techniques = applicability.techniques_of(known).iter();
        let seen = techniques.filter_map(|technique| applicability.row(*technique));
        cell.extend(seen.map(|row| number(from + row)));
        let column = column(of, technology).ok_or(AnalyticsError::TooMany)?;
        columns.resize(cell.len(), column);
    }
    let applicable = frame([Series::new("cell".into(), cell), Series::new("column".into(), columns)])?;

    let by = |name: &str| ([col(name)], [col(name)]);
    let (technique, cell) = (by("technique"), by("cell"));
    let joined = cells
        .lazy()
        .join(techniques.lazy(), technique.0, technique.1, JoinArgs::new(JoinType::Left))
        .join(applicable.lazy(), cell.0, cell.1, JoinArgs::new(JoinType::Left))
        // A join promises no order.
        .sort(["cell"], SortMultipleOptions::default())
        .select([col("place").fill_null(lit(0_u64)) + col("column").fill_null(lit(0_u64))])
        .collect()?;
    Ok(joined.column("place")?.as_materialized_series().rechunk())
}

fn frame<const N: usize>(columns: [Series; N]) -> PolarsResult<DataFrame> {
    DataFrame::new_infer_height(columns.map(Into::into).into())
}
