//! Readiness to answer requests: the database answers, has the tables of this version, and takes what is written.

use std::time::Duration;

use thiserror::Error;

use super::App;
use crate::store::{StoreError, clock};

/// The reason why requests cannot be answered.
#[derive(Debug, Error)]
pub enum NotReady {
    #[error("the database's schema is not this program's: migrations are pending")]
    Pending,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("nothing can be written: the database is full, locked or away. Reads may still be answered")]
    Writes,
}

/// Time for which a failed write is the answer: the small one that tries again may fit where others don't.
const FAILED_FOR: Duration = Duration::from_secs(5);

/// Asks the database for its migrations, which another program may take back while this one runs. Some time after a write has
/// failed, writes again; otherwise nothing is written, so that asking costs little.
pub fn check_ready(app: &App) -> Result<(), NotReady> {
    if !app.db.is_migrated()? {
        return Err(NotReady::Pending);
    }
    match app.db.write_failed() {
        None => Ok(()),
        Some(ago) if ago < FAILED_FOR => Err(NotReady::Writes),
        Some(_) => app.db.write("check ready", clock::touch).map_err(|_| NotReady::Writes),
    }
}
