//! All published releases.

use super::{App, Page};
use crate::store::{
    StoreError,
    release::{self, Release},
};

/// The latest first; from the first below `before`.
pub fn list_releases(app: &App, before: Option<u32>, limit: u32) -> Result<Page<Release>, StoreError> {
    let releases = app.db.read(|conn| release::list(conn, before, limit.saturating_add(1)))?;
    Ok(Page::of(releases, limit, |release| release.number.to_string()))
}
