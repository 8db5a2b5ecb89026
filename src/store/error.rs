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
    Refused(#[source] DieselError),
    #[error("the database cannot do this now: {0}")]
    Unavailable(#[source] DieselError),
    #[error("stored data cannot be read: {what} is not what this version writes ({reason})")]
    Unreadable { what: &'static str, reason: String },
    #[error("the database schema cannot be changed: {0}")]
    Migration(String),
}

impl StoreError {
    /// Returns whether the database, not the request, is to blame, and the same may succeed later: it is away, full, locked or too
    /// slow.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Server(_) | Self::Busy(_) | Self::File { .. } | Self::Missing(_) | Self::Unavailable(_)
        )
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        if tells_outage(&error) { Self::Unavailable(error) } else { Self::Refused(error) }
    }
}

/// Messages of SQLite and PostgreSQL when the disk is full or read-only, a lock is held for too long, memory or connections
/// run out, or the server goes. Most of PostgreSQL's have no kind of their own and come in the language of its
/// `lc_messages`.
const OUTAGES: [&str; 24] = [
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk i/o error",
    "unable to open database file",
    "attempt to write a readonly database",
    "out of memory",
    "out of shared memory",
    "no space left on device",
    "could not extend file",
    "could not write",
    "disk full",
    "canceling statement due to",
    "deadlock detected",
    "could not serialize access",
    "terminating connection",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "too many connections",
    "server closed the connection",
    "connection has been closed",
    "could not receive data from server",
    "no connection to the server",
];

fn tells_outage(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(kind, details) => match kind {
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction
            | DatabaseErrorKind::UnableToSendCommand => true,
            DatabaseErrorKind::Unknown => {
                let message = details.message().to_ascii_lowercase();
                OUTAGES.iter().any(|outage| message.contains(outage))
            }
            _ => false,
        },
        DieselError::BrokenTransactionManager => true,
        DieselError::RollbackErrorOnCommit { rollback_error, commit_error } => {
            tells_outage(rollback_error) || tells_outage(commit_error)
        }
        _ => false,
    }
}

/// The words of the database, if anything behind this error is its word.
fn word_of_database<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a DieselError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(word) = error.downcast_ref() {
            return Some(word);
        }
        next = error.source();
    }
    None
}

/// Returns whether a use case failed because the database is full, locked or away.
pub(super) fn is_outage(error: &(dyn Error + 'static)) -> bool {
    word_of_database(error).is_some_and(tells_outage)
}

/// Returns whether the same transaction, started again, can succeed: it lost against another, or SQLite was busy.
pub(super) fn is_transient(error: &(dyn Error + 'static)) -> bool {
    let Some(DieselError::DatabaseError(kind, details)) = word_of_database(error) else { return false };
    let message = details.message();
    matches!(kind, DatabaseErrorKind::SerializationFailure)
        || message.starts_with("deadlock detected")
        || message.starts_with("database is locked")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(message: &str) -> StoreError {
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())).into()
    }

    #[test]
    fn an_outage_is_told_from_a_fault() {
        for message in [
            "database is locked",
            "database or disk is full",
            "could not extend file \"base/5/1259\": No space left on device",
            "canceling statement due to statement timeout",
            "FATAL:  sorry, too many clients already",
            "terminating connection due to administrator command",
        ] {
            assert!(unknown(message).is_outage(), "{message}");
        }
        for message in
            ["syntax error at or near \"SELEC\"", "invalid byte sequence for encoding \"UTF8\": 0x00"]
        {
            assert!(!unknown(message).is_outage(), "{message}");
        }
        let unique = DieselError::DatabaseError(
            DatabaseErrorKind::UniqueViolation,
            Box::new("disk full of duplicates".to_owned()),
        );
        assert!(!StoreError::from(unique).is_outage());
        assert!(is_transient(&unknown("database is locked")));
    }
}
