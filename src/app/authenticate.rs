//! From a token to a caller. The token says who, and checking it needs no database; whether they still may is asked of the
//! database every time, so that a revoked client and a suspended organisation stop at once and not when their tokens end.

use thiserror::Error;

use super::{App, Caller};
use crate::{
    auth::{Claims, TokenError},
    domain::organisation::Standing,
    store::{StoreError, client},
};

/// Why a token gives nothing.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("this client was revoked")]
    Revoked,
    #[error("this organisation is suspended: ask the operator of the service")]
    Suspended,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

/// Whether what a checked token says still holds.
pub fn admit(app: &App, claims: &Claims) -> Result<Caller, AuthenticateError> {
    let known = app.db.read(|conn| client::credentials(conn, &claims.sub))?.ok_or(TokenError::Invalid)?;
    if known.client.revoked_at.is_some() {
        return Err(AuthenticateError::Revoked);
    }
    if known.standing == Some(Standing::Suspended) {
        return Err(AuthenticateError::Suspended);
    }
    if known.client.organisation != claims.org {
        return Err(TokenError::Invalid.into());
    }
    let scopes = claims.scopes().filter(|scope| known.client.scopes.contains(scope)).collect();
    Ok(Caller { client: known.client.id, organisation: known.client.organisation, scopes })
}
