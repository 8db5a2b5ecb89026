//! A tenant's log.

use super::{App, Page};
use crate::{
    domain::{audit::Entry, organisation::Tenant},
    store::{StoreError, audit},
};

/// Newest first.
pub fn read_audit(
    app: &App,
    tenant: Tenant<'_>,
    before: Option<&str>,
    limit: u32,
) -> Result<Page<Entry>, StoreError> {
    let entries = app.db.read(|conn| audit::list(conn, tenant, before, limit.saturating_add(1)))?;
    Ok(Page::of(entries, limit, |entry| entry.id.clone()))
}
