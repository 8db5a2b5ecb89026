//! `POST /v1/snapshots/check`

use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::{document::CoverageSnapshot, preview::Preview};
use crate::{
    app::{
        check_snapshot::{CheckSnapshotError, check_snapshot},
        upload_snapshot::loss_of,
    },
    http::{
        extract::{
            access::{Access, SnapshotsWrite},
            body::Body,
        },
        problem::{Kind, Problem},
        reply,
    },
};

/// A snapshot that would be accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckedSnapshot)]
struct Checked {
    /// Number of cells in the snapshot.
    #[schema(example = 229)]
    cells: usize,
    /// Effect of migration and applicability on the snapshot.
    preview: Preview,
    /// Loss of its feed, if so large that only an upload with `replace=true` is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<String>,
}

/// Check a snapshot
///
/// Returns what an upload would return, and stores nothing.
#[utoipa::path(
    operation_id = "check_snapshot",
    tag = "snapshots",
    security(("oauth" = ["snapshots:write"])),
    request_body(
        content = CoverageSnapshot,
        content_type = "application/json",
        description = "The snapshot, as `peerbench snapshot build` writes it.",
    ),
    responses((status = 200, description = "The snapshot is valid and would be accepted.", body = Checked)),
)]
#[post("/v1/snapshots/check")]
pub async fn check(access: Access<SnapshotsWrite>, body: Body) -> Result<HttpResponse, Problem> {
    let body = body.receive_large().await?;
    let checked = access.run(move |inside| {
        let text = body.decode()?;
        let checked = check_snapshot(&inside.app, &text).map_err(refusal)?;
        let preview = Preview::from(&checked.preview);
        let loss = loss_of(&inside.app, &inside.member, &checked.snapshot)?;
        let loss = loss.map(|loss| loss.to_string());
        Ok::<_, Problem>(Checked { cells: checked.snapshot.cells.len(), preview, loss })
    });
    reply::result(&checked.await?)
}

/// 400 for a text that is no JSON at all, 422 for everything else.
pub fn refusal(error: CheckSnapshotError) -> Problem {
    match error {
        CheckSnapshotError::Invalid(refused) if refused.is_no_json => {
            Problem::new(Kind::MalformedBody, "The body isn't valid JSON. See errors.")
                .with_errors(refused.errors)
        }
        CheckSnapshotError::Invalid(refused) => Problem::invalid(refused.errors),
        CheckSnapshotError::Clock => Problem::internal(error),
    }
}
