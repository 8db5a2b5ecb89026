//! One published release: what was signed of it, and for each table that the reader may have, the proof that it is the
//! one that was published (R30).

use thiserror::Error;

use super::{
    App, Member,
    entitlement::{NotEntitled, entitled},
    published::{Terms, Unreadable},
    read_comparison::ReadComparisonError,
};
use crate::{
    domain::{
        cohort::Cohort,
        release::{Proof, Seal},
        snapshot::Basis,
    },
    store::{
        StoreError,
        release::{self, Release},
    },
};

/// A release as one member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRelease {
    pub release: Release,
    pub terms: Terms,
    /// Proofs of the tables that the member may read.
    pub tables: Vec<(Basis, Cohort, Proof)>,
}

/// The reason why there is nothing to read.
#[derive(Debug, Error)]
pub enum ReadReleaseError {
    #[error("no release has this number")]
    UnknownRelease,
    #[error("the release has no such table for you")]
    UnknownTable,
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error(transparent)]
    Comparison(#[from] ReadComparisonError),
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

impl From<NotEntitled> for ReadReleaseError {
    fn from(error: NotEntitled) -> Self {
        Self::Comparison(error.into())
    }
}

pub fn read_release(app: &App, member: &Member, number: u32) -> Result<ReadRelease, ReadReleaseError> {
    let entitled = match entitled(app, member) {
        Err(NotEntitled::Store(error)) => return Err(error.into()),
        other => other.ok(),
    };
    app.db.read_together(|conn| {
        let release = release::get(conn, number)?.ok_or(ReadReleaseError::UnknownRelease)?;
        let terms = Terms::of(&release)?;
        let Some(entitled) = &entitled else {
            return Ok(ReadRelease { release, terms, tables: Vec::new() });
        };
        let cohorts = Cohort::of(&entitled.profile.dimensions);
        let seal = Seal::new(number, release::leaves(conn, number)?, app.tokens.keys().release());
        let tables = Basis::BENCHMARKED
            .into_iter()
            .flat_map(|basis| cohorts.iter().map(move |cohort| (basis, cohort)))
            .filter_map(|(basis, cohort)| {
                let proof = seal.proof(basis, cohort)?;
                Some((basis, cohort.clone(), proof))
            })
            .collect();
        Ok(ReadRelease { release, terms, tables })
    })
}

/// The bytes of a table of one's own, as they were sealed. What is not one's own is absent, like what is not released.
pub fn read_table(
    app: &App,
    member: &Member,
    number: u32,
    basis: Basis,
    cohort: &Cohort,
) -> Result<Vec<u8>, ReadReleaseError> {
    let entitled = entitled(app, member);
    app.db.read_together(|conn| {
        release::get(conn, number)?.ok_or(ReadReleaseError::UnknownRelease)?;
        if !cohort.includes(&entitled?.profile.dimensions) {
            return Err(ReadReleaseError::UnknownTable);
        }
        release::table(conn, number, basis, cohort)?.ok_or(ReadReleaseError::UnknownTable)
    })
}

/// The bytes of any table, for the operator.
pub fn read_any_table(
    app: &App,
    number: u32,
    basis: Basis,
    cohort: &Cohort,
) -> Result<Vec<u8>, ReadReleaseError> {
    app.db.read_together(|conn| {
        release::get(conn, number)?.ok_or(ReadReleaseError::UnknownRelease)?;
        release::table(conn, number, basis, cohort)?.ok_or(ReadReleaseError::UnknownTable)
    })
}
