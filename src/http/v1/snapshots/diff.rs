//! `GET /v1/snapshots/{id}/diff/{other}`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::diff_snapshots::{Diff, Difference, diff_snapshots},
    domain::snapshot::SnapshotId,
    http::{
        extract::{
            access::{Access, SnapshotsRead},
            compared::Reading,
            query::Query,
        },
        problem::Problem,
        v1::comparisons::form::{asked, fresh, made},
    },
    wire::{
        names,
        snapshot::{CellChange, CellContent, SnapshotDiff, SnapshotSummary},
    },
};

/// The query of a difference.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DiffParameters {
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

impl From<Diff> for SnapshotDiff {
    fn from(found: Diff) -> Self {
        let (old, new) = (found.before.snapshot.header.scale, found.after.snapshot.header.scale);
        let changes = |differences: Vec<Difference>| {
            let change = |difference: Difference| CellChange {
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
        DiffParameters,
    ),
    responses((
        status = 200,
        description = "The cells that differ between the two snapshots.",
        content((SnapshotDiff = "application/json"), (String = "text/csv")),
    )),
)]
#[get("/v1/snapshots/{id}/diff/{other}")]
pub async fn diff(
    access: Access<SnapshotsRead>,
    request: HttpRequest,
    ids: web::Path<(SnapshotId, SnapshotId)>,
    query: Query<DiffParameters>,
) -> Result<HttpResponse, Problem> {
    let mut reading = Reading::default();
    let named = reading.take("format", query.0.format.as_ref(), str::parse);
    let form = asked(&request, reading.done(named)?);
    let (before, after) = ids.into_inner();
    let diff = access.run(move |inside| diff_snapshots(&inside.app, &inside.member, &before, &after));
    let diff = form.write(&SnapshotDiff::from(diff.await?));
    Ok(fresh(&request, made(form, diff, None, &BTreeMap::new())?))
}
