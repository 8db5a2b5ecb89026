//! Errors of storage, in words for the operator. No message carries a stored value or a password.

use std::{error::Error, path::PathBuf};

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use thiserror::Error;

/// The reason why the database did not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the database URL must be sqlite:PATH or postgres://USER@HOST/NAME")]
    UnknownScheme,
    #[error("there is no database at {}: check the path, or create it with `peerbench migrate`", .0.display())]
    Missing(PathBuf),
    #[error("the database {} cannot be opened: {reason}", .path.display())]
    File { path: PathBuf, reason: String },
    #[error("the PostgreSQL server cannot be reached: {0}")]
    Server(String),
    #[error("no database connection became free in time: {0}")]
    Busy(String),
    #[error("the database refused an operation: {0}")]
    Refused(#[from] DieselError),
    #[error("stored data cannot be read: {what} is not what this version writes ({reason})")]
    Unreadable { what: &'static str, reason: String },
    #[error("the database schema cannot be changed: {0}")]
    Migration(String),
}

/// Returns whether the same transaction, started again, can succeed: it lost against another, or SQLite was busy.
pub(super) fn is_transient(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(DieselError::DatabaseError(kind, details)) = error.downcast_ref() {
            let message = details.message();
            return matches!(kind, DatabaseErrorKind::SerializationFailure)
                || message.starts_with("deadlock detected")
                || message.starts_with("database is locked");
        }
        next = error.source();
    }
    false
}
