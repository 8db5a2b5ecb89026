//! Requests that say they may be a repetition: the first one is done and its outcome kept, in the same transaction; the
//! others get that outcome again.

use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

use super::App;
use crate::{
    domain::{access::ClientId, organisation::Tenant, release::Hash},
    store::{
        Conn, StoreError,
        idempotency::{self, First, Owner},
    },
};

/// Hours for which a key is remembered: more than a day, so that a daily job can repeat itself.
const KEPT_HOURS: i64 = 48;

/// A key that came with another request before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this Idempotency-Key was used for another request: use a new key for every new request")]
pub struct KeyReused;

/// A request that creates something.
#[derive(Debug, Clone)]
pub(super) struct Request<'a> {
    pub tenant: Tenant<'a>,
    pub client: &'a ClientId,
    /// None: not repeatable, always done.
    pub key: Option<&'a str>,
    /// The operation asked for; the same key for another operation is another request.
    pub operation: &'static str,
    /// From [`fingerprint`].
    pub fingerprint: String,
}

impl Request<'_> {
    fn owner(&self) -> Owner<'_> {
        Owner { tenant: self.tenant, client: self.client }
    }
}

/// An outcome, and whether it was there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome<T> {
    pub value: T,
    pub replayed: bool,
}

/// SHA-256 of what a request says, in hexadecimal.
pub(super) fn fingerprint(said: &[u8]) -> String {
    Hash::of(said).to_string()
}

/// Does `work` unless it was done under the same key. What it returns is stored as it is: no secret, and nothing that
/// must vanish when somebody withdraws it.
pub(super) fn once<T, E>(
    conn: &mut Conn,
    app: &App,
    request: &Request<'_>,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<Outcome<T>, E>
where
    T: Serialize + DeserializeOwned,
    E: From<StoreError> + From<KeyReused>,
{
    if let Some(value) = replay::<T, E>(conn, app, request)? {
        return Ok(Outcome { value, replayed: true });
    }
    let value = work(conn)?;
    remember(conn, app, request, &value)?;
    Ok(Outcome { value, replayed: false })
}

/// Returns the outcome of an earlier request with the same key.
pub(super) fn replay<T, E>(conn: &mut Conn, app: &App, request: &Request<'_>) -> Result<Option<T>, E>
where
    T: DeserializeOwned,
    E: From<StoreError> + From<KeyReused>,
{
    let Some(key) = request.key else { return Ok(None) };
    let owner = request.owner();
    idempotency::forget(conn, owner, app.clock.now() - TimeDelta::hours(KEPT_HOURS))?;
    let Some(first) = idempotency::find(conn, owner, key)? else { return Ok(None) };
    if first.operation != request.operation || first.request_hash != request.fingerprint {
        return Err(KeyReused.into());
    }
    Ok(Some(serde_json::from_str(&first.answer).map_err(unreadable)?))
}

/// Keeps what came of a request for whoever repeats it.
pub(super) fn remember(
    conn: &mut Conn,
    app: &App,
    request: &Request<'_>,
    value: &impl Serialize,
) -> Result<(), StoreError> {
    let Some(key) = request.key else { return Ok(()) };
    let first = First {
        operation: request.operation.to_owned(),
        request_hash: request.fingerprint.clone(),
        answer: serde_json::to_string(value).map_err(unreadable)?,
        created_at: app.clock.now(),
    };
    idempotency::insert(conn, request.owner(), key, &first)
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unreadable { what: "the first answer to a request", reason: error.to_string() }
}
