//! R23, give to get: who may read what was published.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{App, Member, own::own};
use crate::{
    domain::{
        attack::TechniqueId,
        organisation::{Organisation, Standing},
        release::Parameters,
        snapshot::Basis,
    },
    store::{self, StoreError},
};

/// The reason why an organisation reads nothing of its peers.
#[derive(Debug, Error)]
pub enum NotEntitled {
    #[error(
        "your organisation has not been verified yet: only verified members read comparisons. Ask the operator"
    )]
    NotVerified,
    #[error(
        "comparisons are for those who contribute: upload a deployed or validated snapshot that assesses at least \
         {techniques} parent technique{s} and whose period ended within the last {days} days",
        s = if *techniques == 1 { "" } else { "s" }
    )]
    NothingContributed { techniques: u32, days: u32 },
    #[error("your organisation is under review: ask the operator")]
    UnderReview,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

/// The member's organisation, if it may read. What it may read does not depend on whether there is anything: who gives
/// nothing learns nothing. Holds no connection while it computes the organisation's coverage.
pub(super) fn entitled(app: &App, member: &Member) -> Result<Organisation, NotEntitled> {
    let (organisation, is_under_review) = app.db.read_together(|conn| {
        let organisation = store::organisation::get(conn, &member.organisation)?
            .filter(|organisation| organisation.standing == Standing::Verified)
            .ok_or(NotEntitled::NotVerified)?;
        let is_under_review = store::quarantine::is_under_review(conn, &organisation.id)?;
        Ok::<_, NotEntitled>((organisation, is_under_review))
    })?;
    if !gives(app, &organisation)? {
        let Parameters { give_min_techniques: techniques, freshness_days: days, .. } = app.parameters;
        return Err(NotEntitled::NothingContributed { techniques, days });
    }
    if is_under_review {
        return Err(NotEntitled::UnderReview);
    }
    Ok(organisation)
}

/// Says that an organisation has assessed enough parent techniques in fresh snapshots of one benchmarked basis.
fn gives(app: &App, organisation: &Organisation) -> Result<bool, StoreError> {
    let Some(facts) = app.attack().facts.clone() else { return Ok(false) };
    let needed = usize::try_from(app.parameters.give_min_techniques).unwrap_or(usize::MAX);
    for basis in Basis::BENCHMARKED {
        let own = own(app, organisation, basis, &facts)?;
        let cells = own.coverage.contribution().cells.iter();
        let parents: BTreeSet<TechniqueId> = cells.map(|cell| cell.technique.parent()).collect();
        if parents.len() >= needed && !own.feeds.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
