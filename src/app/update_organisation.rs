//! The operator changes a member's profile (R3). Releases that are out stay as they are.

use thiserror::Error;

use super::{
    App, Caller,
    create_organisation::{profile_errors, text_error},
    log,
};
use crate::{
    domain::{
        attack::PlatformSet,
        audit::Action,
        dimension::ByDimension,
        organisation::{Organisation, OrganisationId},
        snapshot::FieldError,
    },
    store::{StoreError, organisation},
};

/// The changes to an organisation; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub dimensions: ByDimension<String>,
    pub control_group: Option<String>,
    pub platforms: Option<PlatformSet>,
    /// The writer that uploads for it from now on; the empty text stands for itself.
    pub writer: Option<String>,
}

/// The reason why nothing changed.
#[derive(Debug, Error)]
pub enum UpdateOrganisationError {
    #[error("no organisation has this ID")]
    UnknownOrganisation,
    #[error("the organisation has changed since it was read")]
    Stale,
    #[error("the profile has {} invalid fields", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Changes a profile and returns the organisation as it is now.
pub fn update_organisation(
    app: &App,
    caller: &Caller,
    id: &OrganisationId,
    change: &Change,
) -> Result<Organisation, UpdateOrganisationError> {
    update_organisation_if(app, caller, id, change, &|_| true)
}

/// Changes the profile if `may` accepts the organisation's current state.
pub fn update_organisation_if(
    app: &App,
    caller: &Caller,
    id: &OrganisationId,
    change: &Change,
    may: &dyn Fn(&Organisation) -> bool,
) -> Result<Organisation, UpdateOrganisationError> {
    app.db.write("update_organisation", |conn| {
        let found = organisation::get(conn, id)?.ok_or(UpdateOrganisationError::UnknownOrganisation)?;
        if !may(&found) {
            return Err(UpdateOrganisationError::Stale);
        }
        let mut changed = found.clone();
        let profile = &mut changed.profile;
        for (dimension, value) in change.dimensions.iter() {
            profile.dimensions.set(dimension, value.trim().to_owned());
        }
        if let Some(group) = &change.control_group {
            profile.control_group = group.trim().to_owned();
        }
        profile.platforms = change.platforms.unwrap_or(profile.platforms);
        if let Some(writer) = &change.writer {
            changed.writer = Some(writer.trim().to_owned()).filter(|writer| !writer.is_empty());
        }
        let profile = &changed.profile;
        let mut errors = profile_errors(profile, &app.dimensions);
        errors.extend(changed.writer.as_ref().and_then(|writer| text_error("/writer", writer)));
        if !errors.is_empty() {
            return Err(UpdateOrganisationError::Invalid(errors));
        }
        if changed != found {
            organisation::set_profile(conn, id, &changed.profile, app.clock.now())?;
            organisation::set_writer(conn, id, changed.writer.as_deref(), app.clock.now())?;
            log::operator_did(conn, app, &caller.client, Action::OrganisationProfileChanged, id)?;
        }
        Ok(changed)
    })
}
