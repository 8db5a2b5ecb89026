//! `POST /v1/snapshots`

use actix_web::{HttpRequest, HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::{check::refusal, document::CoverageSnapshot, preview::Preview, read::Item, summary::Summary};
use crate::{
    app::upload_snapshot::{UploadSnapshotError, upload_snapshot},
    http::{
        extract::{
            access::{Access, SnapshotsWrite},
            body::Body,
            idempotency::IdempotencyKey,
            json::require_json,
        },
        problem::Problem,
        reply::{self, Cache},
    },
};

/// A snapshot that was accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = UploadedSnapshot)]
struct Created {
    /// The stored snapshot without its cells.
    snapshot: Summary,
    /// Effect of migration and applicability on the snapshot.
    preview: Preview,
}

/// Upload a snapshot
///
/// Checks and stores a snapshot. If anything is wrong, the answer lists every error and nothing is stored. The latest
/// snapshot per basis, source and feed counts. A repetition with the same `Idempotency-Key` returns the same answer.
#[utoipa::path(
    operation_id = "create_snapshot",
    tag = "snapshots",
    security(("oauth" = ["snapshots:write"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Unique key of the request, 1 to 200 visible ASCII characters. A repetition with the same key does nothing twice.")),
    request_body(
        content = CoverageSnapshot,
        content_type = "application/json",
        description = "The snapshot, as `peerbench snapshot build` writes it.",
    ),
    responses((
        status = 201,
        description = "The snapshot is stored on disk.",
        body = Created,
    )),
)]
#[post("/v1/snapshots")]
pub async fn create(
    access: Access<SnapshotsWrite>,
    request: HttpRequest,
    key: IdempotencyKey,
    body: Body,
) -> Result<HttpResponse, Problem> {
    require_json(&request)?;
    let path = request.path().to_owned();
    let body = body.receive().await?;
    access
        .run(move |inside| {
            let text = body.decode()?;
            let uploaded =
                upload_snapshot(&inside.app, &inside.member, &text, key.0.as_deref()).map_err(|error| {
                    match error {
                        UploadSnapshotError::Refused(error) => refusal(error, &text),
                        UploadSnapshotError::KeyReused(error) => error.into(),
                        UploadSnapshotError::Canonical(error) => Problem::internal(error),
                        UploadSnapshotError::Store(error) => error.into(),
                    }
                })?;
            let location = format!("{path}/{}", uploaded.stored.id);
            let tag = Item::tag(&uploaded.stored);
            let created = Created {
                snapshot: Summary::from(&uploaded.stored),
                preview: Preview::from(&uploaded.preview),
            };
            reply::Created::new(location, tag, &created)
        })
        .await
        .map(|created| created.respond(Cache::Private))
}
