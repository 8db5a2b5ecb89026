//! What its owner should know about an accepted snapshot.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::check_snapshot, domain::attack::TechniqueId};

/// What becomes of the snapshot where comparisons are made.
#[derive(Serialize, ToSchema)]
pub struct Preview {
    /// The ATT&CK version that comparisons are made in; left out where the operator has enabled none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "19.0")]
    target: Option<String>,
    /// The snapshot is of a newer version than that: it does not count until releases reach it.
    ahead: bool,
    /// Ids that have another id there.
    moved: Vec<Moved>,
    /// Ids that get the maximum of several.
    merged: Vec<Merged>,
    /// Ids that became several, which are not assessed by this one.
    split: Vec<Split>,
    /// Ids that were deprecated.
    dropped: Vec<String>,
    /// Ids that have no successor.
    lost: Vec<String>,
    /// Positive cells on a technology that cannot see the technique: they count in no cell's or technology's statistic.
    applicability_conflicts: Vec<Conflict>,
}

/// One id became another.
#[derive(Serialize, ToSchema)]
struct Moved {
    from: String,
    to: String,
}

/// Several ids became one.
#[derive(Serialize, ToSchema)]
struct Merged {
    from: Vec<String>,
    to: String,
}

/// One id became several.
#[derive(Serialize, ToSchema)]
struct Split {
    from: String,
    to: Vec<String>,
}

/// A cell that does not apply.
#[derive(Serialize, ToSchema)]
struct Conflict {
    technique: String,
    technology: String,
}

fn ids(ids: &[TechniqueId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

impl From<&check_snapshot::Preview> for Preview {
    fn from(preview: &check_snapshot::Preview) -> Self {
        let migration = &preview.migration;
        let merged = migration.merged.iter();
        let conflict = |(technology, technique): &(String, TechniqueId)| Conflict {
            technique: technique.to_string(),
            technology: technology.clone(),
        };
        Self {
            target: preview.target.map(|version| version.to_string()),
            ahead: preview.ahead,
            moved: migration
                .moved
                .iter()
                .map(|(from, to)| Moved { from: from.to_string(), to: to.to_string() })
                .collect(),
            merged: merged.map(|(to, from)| Merged { from: ids(from), to: to.to_string() }).collect(),
            split: migration
                .split
                .iter()
                .map(|(from, to)| Split { from: from.to_string(), to: ids(to) })
                .collect(),
            dropped: ids(&migration.dropped),
            lost: ids(&migration.lost),
            applicability_conflicts: preview.conflicts.iter().map(conflict).collect(),
        }
    }
}
