//! `GET /v1/snapshots/{id}`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::read_snapshot::{ReadSnapshotError, read_snapshot},
    domain::snapshot::{Snapshot, SnapshotId},
    http::{
        extract::access::{Access, SnapshotsRead},
        problem::Problem,
        reply::{self, Cache, moment},
        v1::snapshots::document::CoverageSnapshot,
    },
    store::snapshot::Stored,
};

/// A snapshot as it was accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredSnapshot)]
pub struct Item<'a> {
    /// ID of the snapshot.
    #[schema(example = "01a20bd7-6820-7085-91c7-d703078d34cd")]
    id: &'a str,
    /// Time of the upload.
    #[schema(format = DateTime)]
    uploaded_at: String,
    /// The snapshot in the form of its schema, with sorted cells.
    #[schema(value_type = CoverageSnapshot)]
    snapshot: &'a Snapshot,
}

impl Item<'_> {
    /// The bytes that a read answers.
    pub fn json(stored: &Stored) -> Result<Vec<u8>, Problem> {
        let item = Item {
            id: stored.id.as_str(),
            uploaded_at: moment(stored.uploaded_at),
            snapshot: &stored.snapshot,
        };
        serde_json::to_vec(&item).map_err(Problem::internal)
    }

    /// Their tag. A snapshot never changes, and what a read makes of it only with the program.
    pub fn tag(stored: &Stored) -> String {
        reply::etag(format!("{} {}", env!("CARGO_PKG_VERSION"), stored.digest).as_bytes())
    }
}

/// Read a snapshot
///
/// Returns one of your organisation's snapshots with all its cells.
#[utoipa::path(
    operation_id = "read_snapshot",
    tag = "snapshots",
    security(("oauth" = ["snapshots:read"])),
    params(("id" = String, Path, description = "ID of the snapshot.")),
    responses((status = 200, description = "The snapshot with its cells.", body = Item<'_>)),
)]
#[get("/v1/snapshots/{id}")]
pub async fn read(
    access: Access<SnapshotsRead>,
    request: HttpRequest,
    id: web::Path<SnapshotId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let read = access.run(move |inside| {
        let stored = read_snapshot(&inside.app, &inside.member, &id)?;
        Ok::<_, Problem>((Item::tag(&stored), Item::json(&stored)?))
    });
    let (tag, body) = read.await?;
    Ok(reply::tagged(&request, "application/json", &tag, body.into(), Cache::Private))
}

impl From<ReadSnapshotError> for Problem {
    fn from(error: ReadSnapshotError) -> Self {
        match error {
            ReadSnapshotError::UnknownSnapshot => Self::not_found("snapshot"),
            ReadSnapshotError::Store(error) => error.into(),
        }
    }
}
