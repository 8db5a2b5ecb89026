//! Leases for what only one process may do at a time: it holds one in the database and renews it as long as it works. Whoever
//! is killed loses it within half a minute, and everything it would still write with it.

use std::{
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use super::App;
use crate::store::{Conn, StoreError, lease};

/// The lease of whoever publishes.
pub const PUBLICATION: &str = "publication";
const TERM: TimeDelta = TimeDelta::seconds(30);
const RENEWED_EVERY: Duration = Duration::from_secs(10);

/// The reason why something may not be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LeaseError {
    #[error("another process is publishing; if it has died, try again after {0}")]
    Taken(DateTime<Utc>),
    #[error("another process took over in the meantime")]
    Lost,
}

/// Ends the lease of a process that is known to be gone, whatever the clock says. A process that is not gone loses what it
/// would still write. Whether there was one.
pub fn clear(app: &App, name: &str) -> Result<bool, StoreError> {
    app.db.write("clear lease", |conn| lease::clear(conn, name))
}

/// A lease that this process holds.
pub(super) struct Lease<'a> {
    app: &'a App,
    name: &'static str,
    owner: String,
}

impl Lease<'_> {
    /// The proof that the lease is still held, within the transaction that needs it.
    pub fn prove<E: From<StoreError> + From<LeaseError>>(&self, conn: &mut Conn) -> Result<(), E> {
        if lease::renew(conn, self.name, &self.owner, self.app.clock.now() + TERM)? {
            Ok(())
        } else {
            Err(LeaseError::Lost.into())
        }
    }
}

/// Does `work` while it holds the lease.
pub(super) fn hold<T, E>(
    app: &App,
    name: &'static str,
    work: impl FnOnce(&Lease<'_>) -> Result<T, E>,
) -> Result<T, E>
where
    E: std::error::Error + From<StoreError> + From<LeaseError> + 'static,
{
    let lease = Lease { app, name, owner: app.new_id() };
    let now = app.clock.now();
    let held = app.db.write("take lease", |conn| lease::take(conn, name, &lease.owner, now, TERM))?;
    if let Some(until) = held {
        return Err(LeaseError::Taken(until).into());
    }
    let outcome = thread::scope(|scope| {
        let (working, done) = channel::<()>();
        let lease = &lease;
        scope.spawn(move || {
            while done.recv_timeout(RENEWED_EVERY) == Err(RecvTimeoutError::Timeout) {
                // A lease that cannot be renewed ends: the next proof tells.
                if let Err(error) = app.db.write("renew lease", |conn| lease.prove::<E>(conn)) {
                    tracing::warn!(%error, name, "a lease could not be renewed");
                }
            }
        });
        let outcome = work(lease);
        drop(working);
        outcome
    });
    // Where this fails, the lease ends by itself.
    if let Err(error) = app.db.write("end lease", |conn| lease::end(conn, name, &lease.owner)) {
        tracing::warn!(%error, name, "a lease could not be given back");
    }
    outcome
}
