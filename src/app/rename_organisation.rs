//! A member changes its display name: the only thing about itself that it can change.

use thiserror::Error;

use super::{App, Member, create_organisation::text_error, log};
use crate::{
    domain::{audit::Action, organisation::Organisation, snapshot::FieldError},
    store::{StoreError, audit, organisation, quarantine},
};

/// The reason why nothing changed.
#[derive(Debug, Error)]
pub enum RenameOrganisationError {
    #[error("no organisation has this ID")]
    UnknownOrganisation,
    #[error("the organisation has changed since it was read")]
    Stale,
    #[error("the name is refused: it {}", .0.detail)]
    Invalid(FieldError),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Renames the caller's organisation and returns it as it is now.
pub fn rename_organisation(
    app: &App,
    member: &Member,
    name: &str,
) -> Result<Organisation, RenameOrganisationError> {
    rename_organisation_if(app, member, name, &|_, _| true).map(|(renamed, _)| renamed)
}

/// Renames the organisation if `may` accepts its current state. Also returns whether it is under review.
pub fn rename_organisation_if(
    app: &App,
    member: &Member,
    name: &str,
    may: &dyn Fn(&Organisation, bool) -> bool,
) -> Result<(Organisation, bool), RenameOrganisationError> {
    if let Some(error) = text_error("/name", name) {
        return Err(RenameOrganisationError::Invalid(error));
    }
    let (id, name) = (&member.organisation, name.trim());
    app.db.write("rename_organisation", |conn| {
        let found = organisation::get(conn, id)?.ok_or(RenameOrganisationError::UnknownOrganisation)?;
        let under_review = quarantine::is_under_review(conn, id)?;
        if !may(&found, under_review) {
            return Err(RenameOrganisationError::Stale);
        }
        if found.name != name {
            organisation::rename(conn, id, name, app.clock.now())?;
            let entry = log::entry(app, &member.client, Action::OrganisationRenamed, id.as_str());
            audit::record(conn, member.tenant(), &[entry])?;
        }
        Ok((Organisation { name: name.to_owned(), ..found }, under_review))
    })
}
