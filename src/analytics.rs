//! The only place that names polars: everybody's contributions, joined with the catalogue's facts batch by batch, become
//! columns of small integers. Roll-ups, composites and counts are dense scans of these columns, here and in
//! `domain::release`: left to a hash group-by they took a hundred times as long.

mod composites;
mod contributions;

use polars::prelude::{DataFrame, PolarsError};
use thiserror::Error;

use crate::domain::{
    attack::PlatformSet,
    coverage::Contribution,
    facts::Facts,
    release::{Assessed, Batch, Layout, Member, Unreleased},
    scale::Score,
};
use composites::Composites;

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
    /// Where each cell counts, by cell; from the first member on.
    places: Option<DataFrame>,
    composites: Composites,
    members: Vec<Member>,
    batches: Vec<Batch>,
}

/// One assessed cell of a batch, joined with the catalogue's facts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joined {
    pub member: u32,
    pub block: u32,
    pub slot: u8,
    /// Position in the registry.
    pub technology: Option<u16>,
    pub family: Option<u8>,
    pub applies: bool,
    pub score: Score,
    pub scale: u8,
}

impl<'f> Aggregation<'f> {
    pub fn new(facts: &'f Facts) -> Self {
        let layout = Layout::new(facts.catalogue(), facts.registry());
        let composites = Composites::new(&layout);
        Self { facts, layout, places: None, composites, members: Vec::new(), batches: Vec::new() }
    }

    /// Adds a batch of members. Blocks and uses several threads: never call it on a server's worker thread.
    pub fn add(&mut self, batch: Vec<Contributor>) -> Result<(), AnalyticsError> {
        if batch.is_empty() {
            return Ok(());
        }
        let first = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        let places = match self.places.take() {
            Some(places) => places,
            None => contributions::places(self.facts, &self.layout)?,
        };
        let cells = contributions::join(&batch, first, self.facts, &places)?;
        self.places = Some(places);
        self.composites.add(&batch, first, &cells, self.facts, &self.layout);
        let assessed: Vec<(u32, Assessed)> = cells
            .iter()
            .map(|cell| {
                let Joined { member, block, slot, technology, applies, score, scale, .. } = *cell;
                (block, Assessed::new(member, slot, technology, score, scale, applies))
            })
            .collect();
        self.batches.push(Batch::new(self.layout.block_count(), &assessed));
        self.members.extend(batch.into_iter().map(|contributor| contributor.member));
        Ok(())
    }

    /// What the rules of the release work on.
    pub fn finish(self) -> Unreleased {
        Unreleased::new(self.layout, self.members, self.composites.finish(), self.batches)
    }
}

#[cfg(test)]
mod tests;
