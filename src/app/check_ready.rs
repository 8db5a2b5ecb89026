//! Readiness to answer requests: the database answers and has the tables of this version.

use thiserror::Error;

use super::App;
use crate::store::StoreError;

/// The reason why requests cannot be answered.
#[derive(Debug, Error)]
pub enum NotReady {
    #[error("the database's schema is not this program's: migrations are pending")]
    Pending,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks the database for its migrations, which another program may take back while this one runs.
pub fn check_ready(app: &App) -> Result<(), NotReady> {
    if app.db.is_migrated()? { Ok(()) } else { Err(NotReady::Pending) }
}
