//! Lines of several kinds in one list, for consoles: all that a release says to a reader, without hiding any.

use super::{CompareError, Entry, Query, Reader, Subject, view};
use crate::{
    app::published::Published,
    domain::named::{UnknownName, named},
};

named! {
    /// The kind of a line.
    pub enum RowKind("kind of row") {
        Summary = "summary",
        Tactic = "tactic",
        Family = "family",
        Technology = "technology",
        Group = "group",
        Technique = "technique",
    }
}

impl RowKind {
    /// Reads kinds with commas between them, in their own order and each once.
    pub fn several(text: &str) -> Result<Vec<Self>, UnknownName> {
        let mut kinds =
            text.split(',').map(|kind| kind.trim().parse()).collect::<Result<Vec<Self>, UnknownName>>()?;
        kinds.sort_unstable();
        kinds.dedup();
        Ok(kinds)
    }
}

impl From<&Subject> for RowKind {
    fn from(subject: &Subject) -> Self {
        match subject {
            Subject::Overall => Self::Summary,
            Subject::Tactic { .. } => Self::Tactic,
            Subject::Family(_) => Self::Family,
            Subject::Technology { .. } => Self::Technology,
            Subject::Group { .. } => Self::Group,
            Subject::Technique { .. } | Subject::Cell { .. } => Self::Technique,
        }
    }
}

/// Lists the lines of these kinds; of a query, cohort, basis and column count. Techniques are parents.
pub fn rows(
    published: &Published,
    reader: &Reader<'_>,
    query: &Query,
    kinds: &[RowKind],
) -> Result<Vec<Entry>, CompareError> {
    let view = view(published, reader, query)?;
    let of = |kind: &RowKind| match kind {
        RowKind::Summary => view.overall().into_iter().collect(),
        RowKind::Tactic => view.tactics(),
        RowKind::Family => view.families(),
        RowKind::Technology => view.technologies(),
        RowKind::Group => view.groups(),
        RowKind::Technique => view.listed_techniques(&query.column, false),
    };
    Ok(kinds.iter().flat_map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_in_their_own_order_and_once() {
        let kinds = RowKind::several("technique, summary,technique").unwrap();
        assert_eq!(kinds, [RowKind::Summary, RowKind::Technique]);
        assert!(RowKind::several("").is_err() && RowKind::several("technique,").is_err());
    }
}
