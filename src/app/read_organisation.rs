//! One organisation, for itself or for the operator.

use thiserror::Error;

use super::{App, Member};
use crate::{
    domain::organisation::{Organisation, OrganisationId},
    store::{StoreError, organisation, quarantine},
};

/// The reason why there is nothing to read.
#[derive(Debug, Error)]
pub enum ReadOrganisationError {
    #[error("no organisation has this ID")]
    UnknownOrganisation,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

/// An organisation as itself sees it, and whether it is under review (R29).
pub fn read_own_organisation(
    app: &App,
    member: &Member,
) -> Result<(Organisation, bool), ReadOrganisationError> {
    app.db.read_together(|conn| {
        let found = organisation::get(conn, &member.organisation)?;
        let found = found.ok_or(ReadOrganisationError::UnknownOrganisation)?;
        let under_review = quarantine::is_under_review(conn, &found.id)?;
        Ok((found, under_review))
    })
}

pub fn read_organisation(app: &App, id: &OrganisationId) -> Result<Organisation, ReadOrganisationError> {
    let found = app.db.read(|conn| organisation::get(conn, id))?;
    found.ok_or(ReadOrganisationError::UnknownOrganisation)
}
