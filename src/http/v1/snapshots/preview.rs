//! The preview of what migration and applicability do to a snapshot.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::check_snapshot, domain::attack::TechniqueId};

/// The effect of migration and applicability on a snapshot in comparisons.
#[derive(Serialize, ToSchema)]
#[schema(as = SnapshotPreview)]
pub struct Preview {
    /// ATT&CK version that comparisons are made in. Absent if the operator has enabled none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "19.0")]
    target: Option<String>,
    /// True if the snapshot's ATT&CK version is newer. It then counts from the first release in that version.
    ahead: bool,
    /// True if its period ended too long ago, so that it doesn't count.
    stale: bool,
    /// True if a snapshot of the same basis, source and feed with a later period exists, so that this one doesn't count.
    superseded: bool,
    /// Techniques that have another ID in that version.
    moved: Vec<Moved>,
    /// Techniques that several of the snapshot's techniques became. They take the maximum.
    merged: Vec<Merged>,
    /// Techniques that became several, which this snapshot doesn't assess.
    split: Vec<Split>,
    /// IDs of techniques that were deprecated.
    #[schema(example = json!([]))]
    dropped: Vec<String>,
    /// IDs of techniques that have no successor.
    #[schema(example = json!([]))]
    lost: Vec<String>,
    /// Cells above 0 whose technology isn't a data source for the technique in ATT&CK. They count in no statistic of that
    /// technology.
    applicability_conflicts: Vec<Conflict>,
}

/// A technique that got another ID.
#[derive(Serialize, ToSchema)]
#[schema(as = RenumberedTechnique)]
struct Moved {
    /// ID in the snapshot's version.
    #[schema(example = "T1562.001")]
    from: String,
    /// ID in the target version.
    #[schema(example = "T1685")]
    to: String,
}

/// A technique that several techniques became.
#[derive(Serialize, ToSchema)]
#[schema(as = MergedTechnique)]
struct Merged {
    /// IDs in the snapshot's version.
    #[schema(example = json!(["T1547.004", "T1547.014"]))]
    from: Vec<String>,
    /// ID in the target version.
    #[schema(example = "T1547")]
    to: String,
}

/// A technique that became several techniques.
#[derive(Serialize, ToSchema)]
#[schema(as = SplitTechnique)]
struct Split {
    /// ID in the snapshot's version.
    #[schema(example = "T1562")]
    from: String,
    /// IDs in the target version.
    #[schema(example = json!(["T1685", "T1686"]))]
    to: Vec<String>,
}

/// A cell whose technique doesn't apply to its technology.
#[derive(Serialize, ToSchema)]
#[schema(as = ApplicabilityConflict)]
struct Conflict {
    /// ID of the technique.
    #[schema(example = "T1530")]
    technique: String,
    /// ID of the technology.
    #[schema(example = "microsoft.windows")]
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
            stale: preview.stale,
            superseded: preview.superseded,
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
