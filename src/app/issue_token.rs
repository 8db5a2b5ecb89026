//! Client credentials for an access token (RFC 6749, section 4.4).

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use super::App;
use crate::{
    auth::{SecretHash, TokenError, UnreadableHash},
    domain::{
        access::{Client, ClientId, MAX_SECRETS, Scope},
        organisation::{OrganisationId, Standing},
    },
    store::{StoreError, client},
};

/// Resolution of the last use of a client.
const USE_EVERY: TimeDelta = TimeDelta::hours(1);

/// A token and what it is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    pub client: ClientId,
    /// `None` for the operator's clients.
    pub organisation: Option<OrganisationId>,
    pub access_token: String,
    /// Seconds.
    pub expires_in: u32,
    pub scopes: Vec<Scope>,
}

/// The reason why there is no token.
#[derive(Debug, Error)]
pub enum IssueTokenError {
    /// One answer for a client that does not exist, a wrong secret and a revoked client.
    #[error("unknown client, wrong secret, or the client was revoked")]
    InvalidClient,
    #[error("this organisation is suspended: ask the operator of the service")]
    Suspended,
    #[error("a requested scope does not exist or is not available to this client")]
    InvalidScope,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Hash(#[from] UnreadableHash),
}

/// Checks a client's secret and issues a token with the requested scopes, or with all that the client has.
pub fn issue_token(
    app: &App,
    client_id: &str,
    secret: &str,
    scope: Option<&str>,
) -> Result<Issued, IssueTokenError> {
    let id = ClientId::try_from(client_id.to_owned()).ok();
    let found = match &id {
        Some(id) => app.db.read(|conn| client::credentials(conn, id))?,
        None => None,
    };
    let hashes = found.as_ref().map_or(&[][..], |found| &found.secret_hashes);
    // As many comparisons for whoever asks, so that the time tells nothing.
    let mut matches = false;
    for at in 0..MAX_SECRETS {
        let hash = hashes.get(at).map_or(Ok(SecretHash::NONE), |hash| hash.parse())?;
        matches |= hash.matches(secret);
    }
    let now = app.clock.now();
    let may = |client: &Client| client.revoked_at.is_none() && !client.is_expired(now);
    let found = found.filter(|found| matches && may(&found.client));
    let found = found.ok_or(IssueTokenError::InvalidClient)?;
    if found.standing == Some(Standing::Suspended) {
        return Err(IssueTokenError::Suspended);
    }
    let client = found.client;
    let scopes = match scope.map(str::trim).filter(|scope| !scope.is_empty()) {
        None => client.scopes.clone(),
        Some(asked) => narrowed(asked, &client.scopes).ok_or(IssueTokenError::InvalidScope)?,
    };
    let access_token = app.tokens.issue(
        &client.id,
        client.organisation.as_ref(),
        &scopes,
        app.clock.as_ref(),
        app.entropy.as_ref(),
    )?;
    note_use(app, &client, now);
    let Client { id, organisation, .. } = client;
    Ok(Issued { client: id, organisation, access_token, expires_in: app.tokens.lifetime(), scopes })
}

/// Notes when a client was last used, once an hour. Where that fails the client gets its token all the same.
fn note_use(app: &App, client: &Client, now: DateTime<Utc>) {
    let due = client.last_used_at.is_none_or(|last| !(last..last + USE_EVERY).contains(&now));
    if due && let Err(error) = app.db.write("note use", |conn| client::used(conn, &client.id, now)) {
        tracing::warn!(%error, "the use of a client could not be noted");
    }
}

/// `None` where a scope is unknown or not held.
fn narrowed(asked: &str, held: &[Scope]) -> Option<Vec<Scope>> {
    let mut scopes: Vec<Scope> = asked
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(|name| name.parse().ok().filter(|scope| held.iter().any(|held: &Scope| held.includes(*scope))))
        .collect::<Option<_>>()?;
    scopes.sort_unstable();
    scopes.dedup();
    Some(scopes)
}
