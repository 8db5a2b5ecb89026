//! The only place that names polars. What the catalogue says of every cell that there can be is joined once for a release
//! (`places.rs`). Some members at a time, each assessed cell is then looked up there and becomes a row, an integer of parts
//! (`row.rs`); the rows give the technology counts (`part.rs`) and wait, by parent technique, for the rules to pull their
//! roll-ups (`cells.rs`).
//!
//! The definitions of techniques in columns stand in expressions in `columns.rs`. Releases take the scan of `scan.rs`, which
//! a property test holds equal to them and to `domain::coverage`; so are the composites (`composites.rs`), whose joins would
//! make a row for every set that a covered technique is in.

mod cells;
#[cfg(test)]
mod columns;
mod composites;
mod contributor;
mod error;
#[cfg(test)]
mod lists;
mod part;
mod places;
mod row;
mod scan;
mod typed;

use rayon::prelude::*;

use crate::domain::{
    facts::Facts,
    release::{By, Layout, Member, Members, Simple, Unreleased},
};
use cells::{Batch, Cells};
use composites::Composites;
pub use contributor::Contributor;
pub use error::AnalyticsError;
use part::{Part, Shared};
use places::Places;

/// Collects what a release works on, batch by batch: eight bytes per assessed cell, one per composite.
pub struct Aggregation<'f> {
    facts: &'f Facts,
    layout: Layout,
    /// From the first member on.
    places: Option<Places<'f>>,
    composites: Composites,
    members: By<Members, Member>,
    scales: By<Members, u8>,
    /// Each member's value of each item without a column.
    simple: By<Simple, By<Members, u8>>,
    batches: Vec<Batch>,
}

impl<'f> Aggregation<'f> {
    /// Fails where the catalogue or the registry is too large.
    pub fn new(facts: &'f Facts) -> Result<Self, AnalyticsError> {
        let layout = Layout::new(facts.catalogue(), facts.registry())?;
        let simple = layout.simple().filled(By::default());
        let composites = Composites::default();
        let (members, scales, batches) = (By::default(), By::default(), Vec::new());
        Ok(Self { facts, layout, places: None, composites, members, scales, simple, batches })
    }

    /// Adds a batch of members. Blocks and uses several threads: never call it on a server's worker thread.
    pub fn add(&mut self, batch: Vec<Contributor>) -> Result<(), AnalyticsError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.composites.learn(&batch, self.facts, &self.layout);
        let places = match self.places.take() {
            Some(places) => places,
            None => Places::new(self.facts, &self.layout)?,
        };
        let shared = Shared { layout: &self.layout, places: &places, composites: &self.composites };
        let part = |(number, contributors): (usize, Vec<Contributor>)| {
            let first = self.members.len() + number * part::MEMBERS;
            Part::new(contributors, u32::try_from(first).unwrap_or(u32::MAX), &shared)
        };
        let parts = batch.into_par_iter().chunks(part::MEMBERS).enumerate().map(part);
        for Part { members, cells, scales, simple } in parts.collect::<Result<Vec<Part>, _>>()? {
            self.members.append(members).ok_or(AnalyticsError::TooMany)?;
            self.scales.append(scales).ok_or(AnalyticsError::TooMany)?;
            self.batches.push(cells);
            for (all, more) in self.simple.values_mut().zip(simple.items()) {
                all.append(more.iter().copied()).ok_or(AnalyticsError::TooMany)?;
            }
        }
        self.places = Some(places);
        Ok(())
    }

    /// Returns the input of the rules of the release.
    pub fn finish(self) -> Unreleased {
        let cells = Cells::new(self.layout.clone(), self.batches);
        Unreleased::new(self.layout, self.members, self.simple, self.scales, Box::new(cells))
    }
}

#[cfg(test)]
mod tests;
