//! Revokes a client. It can't get new tokens, and its current tokens stop working immediately.

use thiserror::Error;

use super::{App, Caller, log};
use crate::{
    domain::{
        access::{Client, ClientId},
        audit::Action,
        organisation::{OrganisationId, Tenant},
    },
    store::{StoreError, client},
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
    revoke(app, caller, caller.organisation.as_ref(), id, false)
}

/// Revokes a client with all clients that it made, directly or indirectly: somebody else may have had its secret.
pub fn revoke_client_and_made(app: &App, caller: &Caller, id: &ClientId) -> Result<(), RevokeClientError> {
    revoke(app, caller, caller.organisation.as_ref(), id, true)
}

/// The operator revokes a client of one organisation, and of no other.
pub fn revoke_client_of(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    id: &ClientId,
) -> Result<(), RevokeClientError> {
    revoke(app, caller, Some(organisation), id, false)
}

fn revoke(
    app: &App,
    caller: &Caller,
    within: Option<&OrganisationId>,
    id: &ClientId,
    with_made: bool,
) -> Result<(), RevokeClientError> {
    app.db.write("revoke_client", |conn| {
        let is_theirs = |client: &Client| within.is_none() || client.organisation.as_ref() == within;
        let Some(found) = client::any(conn, id)?.filter(is_theirs) else {
            if let Some(member) = caller.member() {
                log::refused(conn, app, &member, id.as_str())?;
            }
            // The entry is to stay, so this is an outcome and not a failure of the transaction.
            return Ok(Err(RevokeClientError::UnknownClient));
        };
        let owner = found.organisation.as_ref().map_or(Tenant::Platform, Tenant::Organisation);
        let made = if with_made { client::made_by(conn, owner, id)? } else { Vec::new() };
        for id in std::iter::once(id).chain(&made) {
            if client::revoke(conn, owner, id, app.clock.now())? {
                let revoked = Client { id: id.clone(), ..found.clone() };
                log::client(conn, app, caller, Action::ClientRevoked, &revoked)?;
            }
        }
        Ok::<_, RevokeClientError>(Ok(()))
    })?
}
