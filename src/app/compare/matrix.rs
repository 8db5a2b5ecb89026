//! The techniques of the matrix: all parents that apply to a platform the organisation runs, those of preparation included.

use std::collections::BTreeSet;

use super::{CompareError, Entry, Query, Reader, view};
use crate::{
    app::published::Published,
    domain::{attack::TechniqueId, column::Column, facts::platforms_of},
};

/// Lists the techniques of the matrix by id, whatever the query's filters. A tactic's share is out of those of its tactic.
pub fn matrix(published: &Published, reader: &Reader<'_>, query: &Query) -> Result<Vec<Entry>, CompareError> {
    let view = view(published, reader, query)?;
    let platforms = platforms_of(reader.profile.platforms);
    let parents = published.facts.parents().iter().filter(|parent| parent.platforms.meets(platforms));
    let applicable: BTreeSet<TechniqueId> = parents.map(|parent| parent.id).collect();
    let mut entries = view.techniques(&Column::Any, false);
    entries.retain(|entry| entry.technique().is_some_and(|id| applicable.contains(&id)));
    Ok(entries)
}
