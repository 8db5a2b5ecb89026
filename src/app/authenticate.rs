//! From a token to a caller. The token says who, and checking it needs no database; whether they still may is asked of the
//! database every time, so that a revoked client and a suspended organisation stop at once and not when their tokens end.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use thiserror::Error;

use super::{App, Caller};
use crate::{
    auth::{Claims, TokenError},
    domain::{access::Scope, organisation::Standing},
    store::{
        StoreError,
        client::{self, Admission},
    },
};

/// The reason why a token gives no access.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("this client was revoked")]
    Revoked,
    #[error("this client has expired")]
    Expired,
    #[error("a secret of this client was removed after the session had been opened")]
    SecretRemoved,
    #[error("this organisation is suspended: ask the operator of the service")]
    Suspended,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

/// A caller who may, and the state in which it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    pub caller: Caller,
    pub version: Version,
}

/// The version of everything that a comparison depends on: two reads of one organisation that ask the same in the
/// same version are answered with the same bytes. Nothing in it moves with what another organisation does before the next
/// publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Version {
    /// Revision of the caller's organisation: its snapshots, its profile and standing, its review.
    revision: Option<i64>,
    /// The newest one.
    release: Option<u32>,
    /// Snapshots become stale at midnight.
    day: Option<NaiveDate>,
    /// Revision of the catalogues in use.
    attack: u64,
}

#[cfg(test)]
impl Version {
    /// One that differs from the default.
    pub(crate) fn later() -> Self {
        Self { revision: Some(1), ..Self::default() }
    }
}

/// Checks that what a valid token says still holds.
pub fn admit(app: &App, claims: &Claims) -> Result<Admitted, AuthenticateError> {
    let known = app.db.read(|conn| client::admission(conn, &claims.sub))?.ok_or(TokenError::Invalid)?;
    admitted(app, claims, &known)
}

/// Checks like [`admit`], if that needs no waiting.
pub fn admit_at_once(app: &App, claims: &Claims) -> Option<Result<Admitted, AuthenticateError>> {
    let now = app.db.moment();
    let remembered = now.and_then(|now| app.admissions.get(&claims.sub, now));
    let known = match remembered {
        Some(known) => known,
        None => match app.db.read_at_once(|conn| client::admission(conn, &claims.sub))? {
            Ok(Some(known)) => {
                let known = Arc::new(known);
                if let Some(now) = now {
                    app.admissions.remember(&claims.sub, now, &known);
                }
                known
            }
            Ok(None) => return Some(Err(TokenError::Invalid.into())),
            Err(error) => return Some(Err(AuthenticateError::Store(error))),
        },
    };
    Some(admitted(app, claims, &known))
}

fn admitted(app: &App, claims: &Claims, known: &Admission) -> Result<Admitted, AuthenticateError> {
    if known.revoked {
        return Err(AuthenticateError::Revoked);
    }
    if known.expires_at.is_some_and(|end| end <= app.clock.now()) {
        return Err(AuthenticateError::Expired);
    }
    // A session outlives its token. Once a secret is removed, it doesn't: that secret may have opened it.
    let opened_before = |removed: DateTime<Utc>| claims.iat <= removed.timestamp();
    if known.secret_removed_at.is_some_and(opened_before) && claims.exp <= app.clock.now().timestamp() {
        return Err(AuthenticateError::SecretRemoved);
    }
    if known.standing == Some(Standing::Suspended) {
        return Err(AuthenticateError::Suspended);
    }
    if known.organisation != claims.org {
        return Err(TokenError::Invalid.into());
    }
    let holds = |scope: &Scope| known.scopes.iter().any(|held| held.includes(*scope));
    let scopes = claims.scopes().filter(holds).collect();
    let version = Version {
        revision: known.revision,
        release: known.release,
        // Midnight itself still belongs to the day before, see `Month::is_fresh`.
        day: app.clock.now().checked_sub_signed(TimeDelta::nanoseconds(1)).map(|now| now.date_naive()),
        attack: app.attack().edition,
    };
    let caller = Caller { client: claims.sub.clone(), organisation: known.organisation.clone(), scopes };
    Ok(Admitted { caller, version })
}
