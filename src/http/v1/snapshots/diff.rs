//! `GET /v1/snapshots/{id}/diff/{other}`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::summary::Summary;
use crate::{
    app::diff_snapshots::{Diff, Difference, diff_snapshots},
    domain::{
        scale::Scale,
        snapshot::{CellValue, SnapshotId},
    },
    http::{
        extract::access::{Access, SnapshotsRead},
        problem::Problem,
        reply::{self, Cache},
    },
};

/// What changed between two snapshots. Ids and values are those of the snapshots: where their ATT&CK versions or scales
/// differ, so may the meaning.
#[derive(Serialize, ToSchema)]
struct DiffAnswer {
    before: Summary,
    after: Summary,
    /// Cells that only the second names.
    added: Vec<Change>,
    /// Cells that only the first names.
    removed: Vec<Change>,
    /// Cells that say something else.
    changed: Vec<Change>,
    /// How many cells say the same.
    unchanged: usize,
}

/// A cell that is not the same.
#[derive(Serialize, ToSchema)]
struct Change {
    #[schema(example = "T1059.001")]
    technique: String,
    #[schema(example = "microsoft.windows")]
    technology: String,
    /// Left out where the first snapshot does not name the cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Said>,
    /// Left out where the second one does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Said>,
}

/// A value of the snapshot's scale, or `{"state": "not_assessed"}`.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Said {
    Number(i8),
    Word(&'static str),
    State { state: &'static str },
}

impl Said {
    fn new(value: CellValue, scale: Scale) -> Self {
        match value {
            CellValue::NotAssessed => Self::State { state: "not_assessed" },
            CellValue::Value(value) => {
                let word = usize::try_from(value).ok().and_then(|position| scale.words().get(position));
                word.map_or(Self::Number(value), |word| Self::Word(word))
            }
        }
    }
}

impl From<Diff> for DiffAnswer {
    fn from(found: Diff) -> Self {
        let (old, new) = (found.before.snapshot.header.scale, found.after.snapshot.header.scale);
        let changes = |differences: Vec<Difference>| {
            let change = |difference: Difference| Change {
                technique: difference.technique.to_string(),
                technology: difference.technology,
                before: difference.before.map(|value| Said::new(value, old)),
                after: difference.after.map(|value| Said::new(value, new)),
            };
            differences.into_iter().map(change).collect()
        };
        Self {
            before: Summary::from(&found.before),
            after: Summary::from(&found.after),
            added: changes(found.added),
            removed: changes(found.removed),
            changed: changes(found.changed),
            unchanged: found.unchanged,
        }
    }
}

/// What changed between two of the own snapshots
#[utoipa::path(
    operation_id = "diff_snapshots",
    tag = "snapshots",
    security(("oauth" = ["snapshots:read"])),
    params(
        ("id" = String, Path, description = "The first snapshot's id."),
        ("other" = String, Path, description = "The second snapshot's id."),
    ),
    responses((status = 200, description = "The cells that are not the same.", body = DiffAnswer)),
)]
#[get("/v1/snapshots/{id}/diff/{other}")]
pub async fn diff(
    access: Access<SnapshotsRead>,
    request: HttpRequest,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (before, after) = ids.into_inner();
    let (before, after) = (SnapshotId::new(before), SnapshotId::new(after));
    let diff = access.run(move |inside| diff_snapshots(&inside.app, &inside.member, &before, &after));
    reply::json(&request, &DiffAnswer::from(diff.await?), Cache::Private)
}
