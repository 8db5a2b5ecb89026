//! The only place that names polars: the catalogue's facts, joined once for a release, become a dense table, and in one walk
//! over everybody's contributions each cell is looked up in it. What comes of that are columns of small integers. Roll-ups,
//! composites and counts are scans of these columns, here and in `domain::release`: left to a hash group-by they took a
//! hundred times as long.

mod composites;
mod part;
mod places;

use polars::prelude::PolarsError;
use rayon::prelude::*;
use thiserror::Error;

use crate::domain::{
    attack::PlatformSet,
    coverage::Contribution,
    facts::Facts,
    release::{Batch, Layout, Member, Unreleased},
};
use composites::Composites;
use part::{Part, Shared};
use places::Places;

/// Data frames that could not be computed: nothing is released then.
#[derive(Debug, Error)]
#[error("the aggregation failed: {0}")]
pub struct AnalyticsError(#[from] PolarsError);

/// One member's input.
#[derive(Debug, Clone)]
pub struct Contributor {
    pub member: Member,
    pub platforms: PlatformSet,
    pub contribution: Contribution,
}

/// Collects what a release works on, batch by batch: eight bytes per assessed cell, one per composite.
pub struct Aggregation<'f> {
    facts: &'f Facts,
    layout: Layout,
    /// From the first member on.
    places: Option<Places<'f>>,
    composites: Composites,
    members: Vec<Member>,
    /// Per key without a column everybody's value.
    simple: Vec<Vec<u8>>,
    batches: Vec<Batch>,
}

impl<'f> Aggregation<'f> {
    pub fn new(facts: &'f Facts) -> Self {
        let layout = Layout::new(facts.catalogue(), facts.registry());
        let simple = vec![Vec::new(); usize::try_from(layout.simple_len()).unwrap_or_default()];
        let composites = Composites::default();
        Self { facts, layout, places: None, composites, members: Vec::new(), simple, batches: Vec::new() }
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
        let parts: Vec<Part> = batch.into_par_iter().chunks(part::MEMBERS).enumerate().map(part).collect();
        for Part { members, cells, simple } in parts {
            self.members.extend(members);
            self.batches.push(cells);
            self.simple.iter_mut().zip(simple.keys()).for_each(|(all, more)| all.extend_from_slice(more));
        }
        self.places = Some(places);
        Ok(())
    }

    /// What the rules of the release work on.
    pub fn finish(self) -> Unreleased {
        Unreleased::new(self.layout, self.members, self.simple, self.batches)
    }
}

#[cfg(test)]
mod tests;
