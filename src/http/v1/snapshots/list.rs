//! `GET /v1/snapshots`

use actix_web::{HttpRequest, HttpResponse, get};

use super::summary::Summary;
use crate::{
    app::list_snapshots::list_snapshots,
    domain::snapshot::SnapshotId,
    http::{
        extract::{
            access::{Access, SnapshotsRead},
            page::{Page, Paged},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache},
    },
};

/// List snapshots
///
/// Returns your organisation's snapshots without their cells, the newest upload first.
#[utoipa::path(
    operation_id = "list_snapshots",
    tag = "snapshots",
    security(("oauth" = ["snapshots:read"])),
    params(Page),
    responses((status = 200, description = "A page of your organisation's snapshots.", body = Paged<Summary>)),
)]
#[get("/v1/snapshots")]
pub async fn list(
    access: Access<SnapshotsRead>,
    request: HttpRequest,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let (limit, before) = (page.0.rows()?, page.0.after_id::<SnapshotId>()?);
    let found = access.run(move |inside| list_snapshots(&inside.app, &inside.member, before.as_ref(), limit));
    reply::json(&request, &Paged::of(found.await?, Summary::from), Cache::Private)
}
