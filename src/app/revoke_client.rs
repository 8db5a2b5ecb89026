//! Revokes a client. It can't get new tokens, and its current tokens stop working immediately.

use thiserror::Error;

use super::{App, Caller, log};
use crate::{
    domain::{
        access::ClientId,
        audit::Action,
        organisation::{OrganisationId, Tenant},
    },
    store::{StoreError, audit, client},
};

/// The reason why no client was revoked.
#[derive(Debug, Error)]
pub enum RevokeClientError {
    #[error("no client has this ID")]
    UnknownClient,
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Revokes a client of the caller's organisation, or any where the caller is the operator. Revoking again changes
/// nothing.
pub fn revoke_client(app: &App, caller: &Caller, id: &ClientId) -> Result<(), RevokeClientError> {
    revoke(app, caller, caller.organisation.as_ref(), id)
}

/// The operator revokes a client of one organisation, and of no other.
pub fn revoke_client_of(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    id: &ClientId,
) -> Result<(), RevokeClientError> {
    revoke(app, caller, Some(organisation), id)
}

fn revoke(
    app: &App,
    caller: &Caller,
    within: Option<&OrganisationId>,
    id: &ClientId,
) -> Result<(), RevokeClientError> {
    app.db.write("revoke_client", |conn| {
        let found = client::credentials(conn, id)?.map(|found| found.client);
        let is_theirs = |owner: &Option<_>| within.is_none() || owner.as_ref() == within;
        let Some(found) = found.filter(|found| is_theirs(&found.organisation)) else {
            if let Some(member) = caller.member() {
                log::refused(conn, app, &member, id.as_str())?;
            }
            // The entry is to stay, so this is an outcome and not a failure of the transaction.
            return Ok(Err(RevokeClientError::UnknownClient));
        };
        let owner = found.organisation.as_ref().map_or(Tenant::Platform, Tenant::Organisation);
        if client::revoke(conn, owner, id, app.clock.now())? {
            let entry = log::entry(app, &caller.client, Action::ClientRevoked, id.as_str());
            if caller.organisation.is_none() {
                audit::record(conn, Tenant::Platform, std::slice::from_ref(&entry))?;
            }
            if found.organisation.is_some() {
                audit::record(conn, owner, &[entry])?;
            }
        }
        Ok::<_, RevokeClientError>(Ok(()))
    })?
}
