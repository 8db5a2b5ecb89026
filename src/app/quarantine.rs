//! The operator's side of the review (R29): what was found at the last cut-off, and clearing it.

use super::{App, Caller, log};
use crate::{
    domain::{audit::Action, organisation::OrganisationId, organisation::Tenant},
    store::{
        StoreError, audit,
        quarantine::{self, Found},
    },
};

/// Lists the findings of the last cut-off that are not cleared.
pub fn list_quarantine(app: &App) -> Result<Vec<Found>, StoreError> {
    app.db.read(quarantine::list)
}

/// Clears organisations and returns those of which something had been found. They read again at once, and contribute to
/// the next release; the same contribution is not set aside again. It stands in the platform's log only: a member must not
/// learn of a flag that it never felt.
pub fn clear_quarantine(
    app: &App,
    caller: &Caller,
    organisations: &[OrganisationId],
) -> Result<Vec<OrganisationId>, StoreError> {
    app.db.write("clear quarantine", |conn| {
        let mut cleared = Vec::new();
        for organisation in organisations {
            if quarantine::clear(conn, organisation, app.clock.now())? {
                cleared.push(organisation.clone());
            }
        }
        let entry = |organisation: &OrganisationId| {
            log::entry(app, &caller.client, Action::QuarantineCleared, organisation.as_str())
        };
        audit::record(conn, Tenant::Platform, &cleared.iter().map(entry).collect::<Vec<_>>())?;
        Ok(cleared)
    })
}
