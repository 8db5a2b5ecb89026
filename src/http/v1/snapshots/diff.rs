//! `GET /v1/snapshots/{id}/diff/{other}`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::value::CellContent;
use crate::{
    app::diff_snapshots::{Diff, Difference, diff_snapshots},
    domain::snapshot::SnapshotId,
    http::{
        extract::access::{Access, SnapshotsRead},
        problem::Problem,
        reply::{self, Cache},
    },
    wire::snapshot::SnapshotSummary,
};

/// The difference between two snapshots. IDs and values are those of the snapshots, so their meaning can differ if the
/// ATT&CK versions or the scales differ.
#[derive(Serialize, ToSchema)]
#[schema(as = SnapshotDiff)]
struct DiffAnswer {
    /// The first snapshot.
    before: SnapshotSummary,
    /// The second snapshot.
    after: SnapshotSummary,
    /// Cells that only the second snapshot has.
    added: Vec<Change>,
    /// Cells that only the first snapshot has.
    removed: Vec<Change>,
    /// Cells with another content in each.
    changed: Vec<Change>,
    /// Number of cells with the same content.
    #[schema(example = 226)]
    unchanged: usize,
}

/// A cell that differs between two snapshots.
#[derive(Serialize, ToSchema)]
#[schema(as = CellChange)]
struct Change {
    /// ID of the technique.
    #[schema(example = "T1059.001")]
    technique: String,
    /// ID of the technology.
    #[schema(example = "microsoft.windows")]
    technology: String,
    /// Content in the first snapshot. Absent if it doesn't have the cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<CellContent>,
    /// Content in the second snapshot. Absent if it doesn't have the cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<CellContent>,
}

impl From<Diff> for DiffAnswer {
    fn from(found: Diff) -> Self {
        let (old, new) = (found.before.snapshot.header.scale, found.after.snapshot.header.scale);
        let changes = |differences: Vec<Difference>| {
            let change = |difference: Difference| Change {
                technique: difference.technique.to_string(),
                technology: difference.technology,
                before: difference.before.map(|value| CellContent::new(value, old)),
                after: difference.after.map(|value| CellContent::new(value, new)),
            };
            differences.into_iter().map(change).collect()
        };
        Self {
            before: SnapshotSummary::from(&found.before),
            after: SnapshotSummary::from(&found.after),
            added: changes(found.added),
            removed: changes(found.removed),
            changed: changes(found.changed),
            unchanged: found.unchanged,
        }
    }
}

/// Compare two snapshots
///
/// Returns the cells that were added, removed or changed between two of your organisation's snapshots.
#[utoipa::path(
    operation_id = "diff_snapshots",
    tag = "snapshots",
    security(("oauth" = ["snapshots:read"])),
    params(
        ("id" = String, Path, description = "ID of the first snapshot."),
        ("other" = String, Path, description = "ID of the second snapshot."),
    ),
    responses((status = 200, description = "The cells that differ between the two snapshots.", body = DiffAnswer)),
)]
#[get("/v1/snapshots/{id}/diff/{other}")]
pub async fn diff(
    access: Access<SnapshotsRead>,
    request: HttpRequest,
    ids: web::Path<(SnapshotId, SnapshotId)>,
) -> Result<HttpResponse, Problem> {
    let (before, after) = ids.into_inner();
    let diff = access.run(move |inside| diff_snapshots(&inside.app, &inside.member, &before, &after));
    reply::json(&request, &DiffAnswer::from(diff.await?), Cache::Private)
}
