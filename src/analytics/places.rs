//! What the catalogue says of every cell that there can be: one join, made once for a release, as a dense table.
//!
//! The contributions' own cells are then looked up in it by position. Joining every cell of every member gives the same and
//! took half of the aggregation, most of that to carry the cells into columns and out of them again; the table fits into a
//! processor's cache.

use polars::prelude::{DataFrame, IntoLazy, JoinArgs, JoinType, NamedFrom, PolarsResult, Series, col};

use crate::domain::{
    applicability::Applicability,
    attack::TechniqueId,
    facts::Facts,
    release::Layout,
    technology::{Family, TechnologyRef},
};

/// Where a cell counts: the block and the slot of its technique, and whether the technique applies to the technology.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub block: u32,
    pub slot: u8,
    pub applies: bool,
}

/// The places of all cells.
pub(super) struct Places<'f> {
    applicability: &'f Applicability,
    /// By technology, then by the technique's row. Technologies outside the registry, to which nothing applies, share the
    /// last part. `None` where the technique is in no statistic.
    table: Vec<Option<Place>>,
    /// By technology of the registry.
    families: Vec<u8>,
}

/// What a technology is, and the places of its cells.
#[derive(Clone, Copy)]
pub(super) struct Through<'p> {
    /// Position in the registry.
    pub known: Option<u16>,
    /// Position in [`Family::ALL`].
    pub family: Option<usize>,
    applicability: &'p Applicability,
    places: &'p [Option<Place>],
}

impl<'f> Places<'f> {
    pub fn new(facts: &'f Facts, layout: &Layout) -> PolarsResult<Self> {
        let families =
            facts.registry().technologies().iter().map(|technology| family_number(technology.family));
        Ok(Self {
            applicability: facts.applicability(),
            table: table(facts, layout)?,
            families: families.collect(),
        })
    }

    pub fn through(&self, technology: TechnologyRef) -> Through<'_> {
        let (known, family) = match technology {
            TechnologyRef::Known(known) => (Some(known), self.families.get(usize::from(known)).copied()),
            TechnologyRef::Other(family) => (None, family.map(family_number)),
        };
        let rows = self.applicability.rows();
        let from = known.map_or(self.families.len(), usize::from) * rows;
        Through {
            known,
            family: family.map(usize::from),
            applicability: self.applicability,
            places: self.table.get(from..from + rows).unwrap_or_default(),
        }
    }
}

impl Through<'_> {
    pub fn place(&self, technique: TechniqueId) -> Option<Place> {
        *self.places.get(self.applicability.row(technique)?)?
    }
}

/// Position in [`Family::ALL`].
pub(super) fn family_number(family: Family) -> u8 {
    (0..).zip(Family::ALL).find(|(_, known)| *known == family).map_or(u8::MAX, |(number, _)| number)
}

fn table(facts: &Facts, layout: &Layout) -> PolarsResult<Vec<Option<Place>>> {
    let applicability = facts.applicability();
    let number = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
    let rows = number(applicability.rows());
    let known = number(facts.registry().technologies().len());
    let cells: Vec<u32> = (0..rows * (known + 1)).collect();
    let of = cells.iter().map(|cell| cell % rows.max(1)).collect();
    let cells = frame([("cell", cells), ("row", of)])?;

    let (mut row, mut block, mut slot) = (Vec::new(), Vec::new(), Vec::new());
    for id in facts.catalogue().active().map(|technique| technique.id) {
        if let (Some(position), Some(place)) = (applicability.row(id), layout.place(id)) {
            row.push(number(position));
            block.push(place.0);
            slot.push(u32::from(place.1));
        }
    }
    let techniques = frame([("row", row), ("block", block), ("slot", slot)])?;

    let sees = |(technology, known): (u32, u16)| {
        let techniques = applicability.techniques_of(known).iter();
        let rows_of = techniques.filter_map(|technique| applicability.row(*technique));
        rows_of.map(move |row| technology * rows + number(row)).collect::<Vec<u32>>()
    };
    let cell: Vec<u32> = (0..known).zip(0_u16..).flat_map(sees).collect();
    let applies = vec![1; cell.len()];
    let applicable = frame([("cell", cell), ("applies", applies)])?;

    let size = cells.height();
    let joined = cells
        .lazy()
        .join(techniques.lazy(), [col("row")], [col("row")], JoinArgs::new(JoinType::Inner))
        .join(applicable.lazy(), [col("cell")], [col("cell")], JoinArgs::new(JoinType::Left))
        .collect()?;
    let column = |name: &str| PolarsResult::Ok(joined.column(name)?.u32()?.iter());
    let columns = column("cell")?.zip(column("block")?).zip(column("slot")?.zip(column("applies")?));
    let mut table = vec![None; size];
    // A join promises no order.
    for ((cell, block), (slot, applies)) in columns {
        let place = cell.and_then(|cell| table.get_mut(usize::try_from(cell).ok()?));
        if let (Some(place), Some(block), Some(slot)) = (place, block, slot) {
            *place = Some(Place {
                block,
                slot: u8::try_from(slot).unwrap_or(u8::MAX),
                applies: applies.is_some(),
            });
        }
    }
    Ok(table)
}

fn frame<const N: usize>(columns: [(&str, Vec<u32>); N]) -> PolarsResult<DataFrame> {
    let columns = columns.map(|(name, values)| Series::new(name.into(), values).into());
    DataFrame::new_infer_height(columns.into())
}
