//! Reads a comparison: the entitlement (R23), the release, the organisation's own coverage, and the lines.

use std::sync::Arc;

use thiserror::Error;

use super::{
    App, Member,
    compare::{
        self, Answer, CompareError, List, Query, Reader, Summary,
        fewest::{self, Fewest},
        what_if::{self, WhatIf},
    },
    contributions::Own,
    entitlement::{NotEntitled, entitled},
    own::own,
    published::{Published, Unreadable},
    read_earlier::{self, EarlierError},
};
use crate::{
    domain::{
        cohort::Cohort,
        comparison::{Measure, Target},
        facts::FactsError,
        organisation::{Organisation, Profile},
        release::Band,
        snapshot::Basis,
    },
    store::{self, Conn, StoreError},
};

/// The reason why there is no comparison to read.
#[derive(Debug, Error)]
pub enum ReadComparisonError {
    #[error(transparent)]
    NotEntitled(#[from] NotEntitled),
    #[error("nothing has been published yet")]
    NotPublished,
    #[error("no release has this number")]
    UnknownRelease,
    #[error(transparent)]
    Compare(#[from] CompareError),
    #[error(transparent)]
    Facts(#[from] FactsError),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

impl From<EarlierError> for ReadComparisonError {
    fn from(error: EarlierError) -> Self {
        match error {
            EarlierError::Unknown => Self::UnknownRelease,
            EarlierError::Facts(error) => error.into(),
            EarlierError::Unreadable(error) => error.into(),
            EarlierError::Store(error) => error.into(),
        }
    }
}

/// One of the caller's own cohorts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCohort {
    pub cohort: Cohort,
    /// `None` where it is not released.
    pub members: Option<Band>,
}

/// The caller's own cohorts in the latest release.
#[derive(Debug, Clone)]
pub struct OwnCohorts {
    pub published: Arc<Published>,
    pub basis: Basis,
    /// Coarse to fine.
    pub items: Vec<OwnCohort>,
}

/// The facts that a read stands on.
pub(super) struct Ground {
    pub organisation: Organisation,
    pub published: Arc<Published>,
    pub own: Arc<Own>,
}

/// A page of one list; `release` is the latest where `None`.
pub fn read_list(
    app: &App,
    member: &Member,
    list: List,
    query: &Query,
    release: Option<u32>,
) -> Result<Answer, ReadComparisonError> {
    let ground = ground(app, member, query.basis, release)?;
    Ok(compare::list(&ground.published, &ground.reader(), list, query)?)
}

/// The summary; `release` is the latest where `None`.
pub fn read_summary(
    app: &App,
    member: &Member,
    query: &Query,
    release: Option<u32>,
) -> Result<Summary, ReadComparisonError> {
    let ground = ground(app, member, query.basis, release)?;
    Ok(compare::summary(&ground.published, &ground.reader(), query)?)
}

/// The comparison before and after changes; `release` is the latest where `None`.
pub fn read_what_if(
    app: &App,
    member: &Member,
    query: &Query,
    release: Option<u32>,
    asked: &what_if::Asked,
) -> Result<WhatIf, ReadComparisonError> {
    let ground = ground(app, member, query.basis, release)?;
    Ok(what_if::what_if(&ground.published, &ground.reader(), query, asked)?)
}

/// The fewest changes by which a measure reaches a target; `release` is the latest where `None`.
pub fn read_fewest_changes(
    app: &App,
    member: &Member,
    query: &Query,
    release: Option<u32>,
    (measure, target): (&Measure, Target),
) -> Result<Fewest, ReadComparisonError> {
    let ground = ground(app, member, query.basis, release)?;
    Ok(fewest::fewest(&ground.published, &ground.reader(), query, measure, target)?)
}

/// The cohorts of the caller's own profile.
pub fn read_cohorts(app: &App, member: &Member, basis: Basis) -> Result<OwnCohorts, ReadComparisonError> {
    let ground = ground(app, member, basis, None)?;
    let own = Cohort::of(&ground.organisation.profile.dimensions).into_iter().map(|cohort| OwnCohort {
        members: ground.published.table(basis, &cohort).map(|table| table.members),
        cohort,
    });
    let items = own.collect();
    Ok(OwnCohorts { items, basis, published: ground.published })
}

impl Ground {
    pub fn reader(&self) -> Reader<'_> {
        Reader { profile: &self.organisation.profile, own: &self.own.coverage, feeds: &self.own.feeds }
    }
}

/// Reads the ground of a comparison; `release` is the latest where `None`.
pub(super) fn ground(
    app: &App,
    member: &Member,
    basis: Basis,
    release: Option<u32>,
) -> Result<Ground, ReadComparisonError> {
    let organisation = entitled(app, member)?;
    let published =
        app.db.read_together(|conn| published(app, conn, release, (basis, &organisation.profile)))?;
    let own = own(app, &organisation, basis, &published.facts)?;
    Ok(Ground { organisation, published, own })
}

/// The asked release: the latest from memory, where a replica notices a publication at the next read; of an earlier one the
/// reader's own cohorts, for the basis that was asked for.
pub(super) fn published(
    app: &App,
    conn: &mut Conn,
    asked: Option<u32>,
    (basis, reader): (Basis, &Profile),
) -> Result<Arc<Published>, ReadComparisonError> {
    let latest = store::release::latest_number(conn)?.ok_or(ReadComparisonError::NotPublished)?;
    let number = asked.unwrap_or(latest);
    if let Some(known) = app.published.load_full().filter(|known| known.release.number == number) {
        return Ok(known);
    }
    if number != latest {
        return Ok(read_earlier::read(app, conn, number, basis, &Cohort::of(&reader.dimensions))?);
    }
    let release = store::release::get(conn, number)?.ok_or(ReadComparisonError::UnknownRelease)?;
    let facts = app.facts_for(release.attack)?;
    let tables = store::release::tables(conn, number)?;
    let published = Arc::new(Published::read(release, &tables, facts)?);
    if let Some(unknown) = published.terms.parameters.unknown_named() {
        tracing::warn!(
            release = number,
            "the latest release was published by a later version: this version doesn't know {unknown}"
        );
    }
    app.published.store(Some(Arc::clone(&published)));
    Ok(published)
}
