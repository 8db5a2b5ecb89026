//! R23, give to get: who may read what was published.

use thiserror::Error;

use super::{App, Member, own::fresh};
use crate::{
    domain::{
        organisation::{Organisation, Standing},
        snapshot::Basis,
    },
    store::{self, Conn, StoreError},
};

/// The reason why an organisation reads nothing of its peers.
#[derive(Debug, Error)]
pub enum NotEntitled {
    #[error(
        "your organisation has not been verified yet: only verified members read comparisons. Ask the operator"
    )]
    NotVerified,
    #[error(
        "comparisons are for those who contribute: upload a snapshot whose period ended within the last {days} days"
    )]
    NothingContributed { days: u32 },
    #[error("your organisation is under review: ask the operator")]
    UnderReview,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

/// The member's organisation, if it reads `all` and the cohorts of its own profile. What it may read does not depend on
/// whether there is anything: who gives nothing learns nothing.
pub(super) fn entitled(app: &App, conn: &mut Conn, member: &Member) -> Result<Organisation, NotEntitled> {
    let organisation = store::organisation::get(conn, &member.organisation)?;
    let organisation = organisation
        .filter(|organisation| organisation.standing == Standing::Verified)
        .ok_or(NotEntitled::NotVerified)?;
    if !gives(app, conn, &organisation)? {
        return Err(NotEntitled::NothingContributed { days: app.parameters.freshness_days });
    }
    if store::quarantine::is_under_review(conn, &organisation.id)? {
        return Err(NotEntitled::UnderReview);
    }
    Ok(organisation)
}

/// An accepted, fresh snapshot of whatever basis.
fn gives(app: &App, conn: &mut Conn, organisation: &Organisation) -> Result<bool, StoreError> {
    let Some(facts) = app.attack().facts.clone() else { return Ok(false) };
    let now = app.clock.now();
    for basis in Basis::ALL {
        let stored = store::snapshot::contributing(conn, &organisation.id, basis)?;
        if !fresh(stored, now, &facts, &app.parameters).is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
