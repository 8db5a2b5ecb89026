//! The techniques of the matrix: all parents that apply to a platform the organisation runs, those of preparation included.

use super::{CompareError, Entry, Query, Reader, view};
use crate::{app::published::Published, domain::column::Column};

/// Lists the techniques of the matrix by id, whatever the query's filters. A tactic's share is out of those of its tactic.
pub fn matrix(published: &Published, reader: &Reader<'_>, query: &Query) -> Result<Vec<Entry>, CompareError> {
    let view = view(published, reader, query)?;
    let mut entries = view.techniques(&Column::Any, false);
    entries.retain(|entry| entry.technique().is_some_and(|id| view.applies(id)));
    Ok(entries)
}
