//! One organisation, for itself or for the operator.

use thiserror::Error;

use super::App;
use crate::{
    domain::organisation::{Organisation, OrganisationId},
    store::{StoreError, organisation},
};

/// Why there is nothing to read.
#[derive(Debug, Error)]
pub enum ReadOrganisationError {
    #[error("there is no such organisation")]
    UnknownOrganisation,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

pub fn read_organisation(app: &App, id: &OrganisationId) -> Result<Organisation, ReadOrganisationError> {
    let found = app.db.read(|conn| organisation::get(conn, id))?;
    found.ok_or(ReadOrganisationError::UnknownOrganisation)
}
