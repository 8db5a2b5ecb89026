//! The operator verifies or suspends a member (R2).

use thiserror::Error;

use super::{App, Caller, log};
use crate::{
    domain::{
        audit::Action,
        organisation::{Organisation, OrganisationId, Standing},
    },
    store::{StoreError, organisation},
};

/// The reason why nothing changed.
#[derive(Debug, Error)]
pub enum SetStandingError {
    #[error("no organisation has this ID")]
    UnknownOrganisation,
    #[error("the organisation has changed since it was read")]
    Stale,
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Gives an organisation a standing and returns it as it is now. The standing that it has already changes nothing.
pub fn set_standing(
    app: &App,
    caller: &Caller,
    id: &OrganisationId,
    standing: Standing,
) -> Result<Organisation, SetStandingError> {
    set_standing_if(app, caller, id, standing, &|_| true)
}

/// Sets the standing if `may` accepts the organisation's current state.
pub fn set_standing_if(
    app: &App,
    caller: &Caller,
    id: &OrganisationId,
    standing: Standing,
    may: &dyn Fn(&Organisation) -> bool,
) -> Result<Organisation, SetStandingError> {
    let action = match standing {
        Standing::Unverified => Action::OrganisationUnverified,
        Standing::Verified => Action::OrganisationVerified,
        Standing::Suspended => Action::OrganisationSuspended,
    };
    app.db.write("set_standing", |conn| {
        let found = organisation::get(conn, id)?.ok_or(SetStandingError::UnknownOrganisation)?;
        if !may(&found) {
            return Err(SetStandingError::Stale);
        }
        if found.standing != standing {
            organisation::set_standing(conn, id, standing, app.clock.now())?;
            log::operator_did(conn, app, &caller.client, action, id)?;
        }
        Ok(Organisation { standing, ..found })
    })
}
