//! One of an organisation's own snapshots, as it was accepted.

use thiserror::Error;

use super::{App, Member, log};
use crate::{
    domain::snapshot::SnapshotId,
    store::{
        StoreError,
        snapshot::{self, Stored},
    },
};

/// The reason why there is nothing to read.
#[derive(Debug, Error)]
pub enum ReadSnapshotError {
    /// The snapshot does not exist or belongs to another organisation: the answer is the same.
    #[error("no snapshot has this ID")]
    UnknownSnapshot,
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

pub fn read_snapshot(app: &App, member: &Member, id: &SnapshotId) -> Result<Stored, ReadSnapshotError> {
    if let Some(stored) = app.db.read(|conn| snapshot::get(conn, &member.organisation, id))? {
        return Ok(stored);
    }
    app.db.write("refuse_snapshot", |conn| log::refused(conn, app, member, id.as_str()))?;
    Err(ReadSnapshotError::UnknownSnapshot)
}
