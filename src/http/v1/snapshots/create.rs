//! `POST /v1/snapshots`

use actix_web::{HttpRequest, HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::{check::refusal, preview::Preview, read::Item, summary::Summary};
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

/// An accepted snapshot.
#[derive(Serialize, ToSchema)]
struct Created {
    snapshot: Summary,
    preview: Preview,
}

/// Upload a snapshot
///
/// All or nothing: every error in one answer, and then nothing is stored. The latest snapshot per basis, source and feed
/// counts. With the same `Idempotency-Key` a repetition does nothing and answers the same.
#[utoipa::path(
    operation_id = "create_snapshot",
    tag = "snapshots",
    security(("oauth" = ["snapshots:write"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "New for every new snapshot; 1 to 200 characters.")),
    request_body(
        content = Object,
        content_type = "application/json",
        description = "A snapshot as the schema coverage-snapshot-1.json says.",
    ),
    responses((
        status = 201,
        description = "Accepted, and on disk.",
        body = Created,
        headers(("Location" = String, description = "The snapshot."), ("ETag" = String, description = "Its entity tag.")),
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
