//! Client credentials for an access token (RFC 6749, section 4.4).

use thiserror::Error;

use super::App;
use crate::{
    auth::{SecretHash, TokenError, UnreadableHash},
    domain::{
        access::{ClientId, Scope},
        organisation::Standing,
    },
    store::{StoreError, client},
};

/// A token and what it is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
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
    let found = app.db.read(|conn| client::credentials(conn, &ClientId::new(client_id)))?;
    let hash = found.as_ref().map_or(Ok(SecretHash::NONE), |found| found.secret_hash.parse())?;
    let matches = hash.matches(secret);
    let found = found.filter(|found| matches && found.client.revoked_at.is_none());
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
    Ok(Issued { access_token, expires_in: app.tokens.lifetime(), scopes })
}

/// `None` where a scope is unknown or not held.
fn narrowed(asked: &str, held: &[Scope]) -> Option<Vec<Scope>> {
    let mut scopes: Vec<Scope> = asked
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(|name| name.parse().ok().filter(|scope| held.contains(scope)))
        .collect::<Option<_>>()?;
    scopes.sort_unstable();
    scopes.dedup();
    Some(scopes)
}
