//! Erases one of an organisation's own snapshots (R25). Releases that are out stay as they are; the next one does not
//! have it.

use thiserror::Error;

use super::{App, Member, log};
use crate::{
    domain::{audit::Action, snapshot::SnapshotId},
    store::{StoreError, audit, snapshot},
};

/// The reason why nothing was erased.
#[derive(Debug, Error)]
pub enum WithdrawSnapshotError {
    /// The snapshot does not exist or belongs to another organisation: the answer is the same.
    #[error("no snapshot has this ID")]
    UnknownSnapshot,
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Erases a snapshot; that it was there stays in the log.
pub fn withdraw_snapshot(app: &App, member: &Member, id: &SnapshotId) -> Result<(), WithdrawSnapshotError> {
    let erased = app.db.write("withdraw_snapshot", |conn| {
        let erased = snapshot::delete(conn, &member.organisation, id)?;
        if erased {
            let entry = log::entry(app, &member.client, Action::SnapshotWithdrawn, id.as_str());
            audit::record(conn, member.tenant(), &[entry])?;
        } else {
            log::refused(conn, app, member, id.as_str())?;
        }
        Ok::<_, WithdrawSnapshotError>(erased)
    })?;
    if !erased {
        return Err(WithdrawSnapshotError::UnknownSnapshot);
    }
    app.db.forget_erased();
    Ok(())
}
