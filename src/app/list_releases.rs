//! All published releases.

use super::{App, Page};
use crate::store::{
    StoreError,
    release::{self, Release},
};

/// The latest first; from the first below `before`.
pub fn list_releases(app: &App, before: Option<u32>, limit: u32) -> Result<Page<Release>, StoreError> {
    let mut items = app.db.read(|conn| release::list(conn, before, limit.saturating_add(1)))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| last.number.to_string());
    Ok(Page { items, next })
}
