//! The only place that names polars: everybody's contributions become observations of every measure, batch by batch.
//! The relational work (roll-ups over technologies and sub-techniques, composites) is polars'; the columns it ends in are
//! handed over as plain integers, and counting them is a dense scan in `domain::release`.

mod contributions;
mod measures;

use polars::prelude::PolarsError;
use thiserror::Error;

use crate::domain::{
    attack::PlatformSet,
    coverage::Contribution,
    facts::Facts,
    release::{Layout, Member, Observation, Unreleased},
    scale::Scale,
};

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

/// Collects the observations of a release, batch by batch; memory is bounded by the batch and the observations.
pub struct Aggregation<'f> {
    facts: &'f Facts,
    layout: Layout,
    members: Vec<Member>,
    observations: Vec<Columns>,
}

/// The observations of one batch, as columns of equal length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    keys: Vec<u32>,
    members: Vec<u32>,
    values: Vec<u8>,
    /// Positions in [`Scale::ALL`]; one past the end for none.
    scales: Vec<u8>,
}

impl Columns {
    fn observations(&self) -> impl Iterator<Item = Observation> {
        let scale = |code: u8| Scale::ALL.get(usize::from(code)).copied();
        let columns = self.keys.iter().zip(&self.members).zip(self.values.iter().zip(&self.scales));
        columns.map(move |((key, member), (value, code))| Observation {
            key: *key,
            member: *member,
            value: *value,
            scale: scale(*code),
        })
    }
}

impl<'f> Aggregation<'f> {
    pub fn new(facts: &'f Facts) -> Self {
        let layout = Layout::new(facts.catalogue(), facts.registry());
        Self { facts, layout, members: Vec::new(), observations: Vec::new() }
    }

    /// Adds a batch of members. Blocks and uses several threads: never call it on a server's worker thread.
    pub fn add(&mut self, batch: Vec<Contributor>) -> Result<(), AnalyticsError> {
        let first = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        let frames = contributions::frames(&batch, first, self.facts, &self.layout)?;
        self.observations.push(measures::columns(frames)?);
        self.members.extend(batch.into_iter().map(|contributor| contributor.member));
        Ok(())
    }

    /// What the rules of the release work on.
    pub fn finish(self) -> Unreleased {
        let observations = self.observations;
        Unreleased::new(self.layout, self.members, || observations.iter().flat_map(Columns::observations))
    }
}

#[cfg(test)]
mod tests;
