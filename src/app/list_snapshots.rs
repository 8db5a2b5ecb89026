//! An organisation's own snapshots.

use super::{App, Member, Page};
use crate::{
    domain::snapshot::SnapshotId,
    store::{
        StoreError,
        snapshot::{self, Listed},
    },
};

/// Newest upload first, without cells.
pub fn list_snapshots(
    app: &App,
    member: &Member,
    before: Option<&SnapshotId>,
    limit: u32,
) -> Result<Page<Listed>, StoreError> {
    let organisation = &member.organisation;
    let headers = app.db.read(|conn| snapshot::list(conn, organisation, before, limit.saturating_add(1)))?;
    Ok(Page::of(headers, limit, |header| header.id.to_string()))
}
