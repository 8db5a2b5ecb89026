//! The operator trusts a writer: what it uploads counts as the changes of each organisation (R32).

use thiserror::Error;

use super::{App, Caller, log};
use crate::{
    domain::{audit::Action, organisation::Tenant},
    store::{self, StoreError, audit},
};

/// The reason why nothing changed.
#[derive(Debug, Error)]
pub enum TrustWriterError {
    #[error("a writer has a name of 1 to 200 characters: use the one that its organisations were given")]
    Unnamed,
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Trusts a writer, or no longer. Acts in the next release.
pub fn trust_writer(app: &App, caller: &Caller, name: &str, trusted: bool) -> Result<(), TrustWriterError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(TrustWriterError::Unnamed);
    }
    app.db.write("trust_writer", |conn| {
        let action = match trusted {
            true => {
                store::writer::trust(conn, name, app.clock.now())?;
                Action::WriterTrusted
            }
            false => {
                store::writer::distrust(conn, name)?;
                Action::WriterDistrusted
            }
        };
        let entry = log::entry(app, &caller.client, action, name);
        audit::record(conn, Tenant::Platform, &[entry])?;
        Ok(())
    })
}
