//! `POST /v1/snapshots`

use actix_web::{HttpRequest, HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{check::refusal, document::CoverageSnapshot, preview::Preview, read::Item};
use crate::{
    app::upload_snapshot::{UploadSnapshotError, upload_snapshot},
    http::{
        extract::{
            access::{Access, SnapshotsWrite},
            body::Body,
            idempotency::IdempotencyKey,
            query::Query,
        },
        problem::{Kind, Problem},
        reply::{self, Cache},
    },
    wire::snapshot::SnapshotSummary,
};

/// Parameters of an upload.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Accepts a snapshot that takes more than half of its feed's cells away, or that has no cell with a value.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    replace: bool,
}

/// A snapshot that was accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = UploadedSnapshot)]
struct Created {
    /// The stored snapshot without its cells.
    snapshot: SnapshotSummary,
    /// Effect of migration and applicability on the snapshot.
    preview: Preview,
}

/// Upload a snapshot
///
/// Checks and stores a snapshot. If anything is wrong, the answer lists every error and nothing is stored. The latest
/// snapshot per basis, source and feed counts. A repetition with the same `Idempotency-Key` returns the same answer.
///
/// A snapshot without a cell that has a value, or with fewer than half as many as the feed's present one, is refused with
/// 409 and what would be lost, unless `replace` is true: a failed export looks like rules that were switched off.
#[utoipa::path(
    operation_id = "create_snapshot",
    tag = "snapshots",
    security(("oauth" = ["snapshots:write"])),
    params(
        Parameters,
        ("Idempotency-Key" = Option<String>, Header, description = "Unique key of the request, 1 to 200 visible ASCII characters. A repetition with the same key does nothing twice."),
    ),
    request_body(
        content = CoverageSnapshot,
        content_type = "application/json",
        description = "The snapshot, as `peerbench snapshot build` writes it.",
    ),
    responses(
        (
            status = 201,
            description = "The snapshot is stored on disk.",
            body = Created,
        ),
        (status = 409, description = "The upload would take too many of its feed's cells away, or a quota is exceeded."),
    ),
)]
#[post("/v1/snapshots")]
pub async fn create(
    access: Access<SnapshotsWrite>,
    request: HttpRequest,
    key: IdempotencyKey,
    parameters: Query<Parameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let path = request.path().to_owned();
    let replace = parameters.0.replace;
    let body = body.receive_large().await?;
    access
        .run(move |inside| {
            let text = body.decode()?;
            let uploaded = upload_snapshot(&inside.app, &inside.member, &text, key.0.as_deref(), replace)
                .map_err(refused)?;
            let location = format!("{path}/{}", uploaded.stored.id);
            let tag = Item::tag(&uploaded.stored);
            let created = Created {
                snapshot: SnapshotSummary::from(&uploaded.stored),
                preview: Preview::from(&uploaded.preview),
            };
            reply::Created::new(location, tag, &created)
        })
        .await
        .map(|created| created.respond(Cache::Private))
}

/// The problem of an upload that was refused.
pub fn refused(error: UploadSnapshotError) -> Problem {
    match error {
        UploadSnapshotError::Refused(error) => refusal(error),
        UploadSnapshotError::WouldLose(loss) => {
            let detail = format!("Nothing was stored: {loss}. If that is right, send it with replace=true.");
            Problem::new(Kind::Conflict, detail)
        }
        UploadSnapshotError::KeyReused(error) => error.into(),
        UploadSnapshotError::Quota(error) => error.into(),
        UploadSnapshotError::Clock(error) => Problem::unavailable(error).with_detail(
            "The service's clock can't be trusted, so a snapshot of now might never count. Nothing was stored. \
             Ask the operator to set the clock.",
        ),
        UploadSnapshotError::Canonical(error) => Problem::internal(error),
        UploadSnapshotError::Store(error) => error.into(),
    }
}
