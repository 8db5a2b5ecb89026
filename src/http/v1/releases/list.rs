//! `GET /v1/releases`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::list_releases::list_releases,
    http::{
        extract::{
            access::{Access, ComparisonsRead},
            page::{Page, Paged},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache, moment},
    },
    store::release::Release,
};

/// A release. Its numbers are read through comparisons.
#[derive(Serialize, ToSchema)]
pub struct ReleaseItem {
    pub number: u32,
    /// The moment whose snapshots it uses.
    #[schema(format = DateTime)]
    cut_off: String,
    #[schema(format = DateTime)]
    published_at: String,
    /// The ATT&CK version that it is computed in.
    #[schema(example = "19.0")]
    attack: String,
    /// The privacy preset.
    #[schema(example = "default")]
    preset: String,
}

impl From<Release> for ReleaseItem {
    fn from(release: Release) -> Self {
        Self {
            number: release.number,
            cut_off: moment(release.cut_off),
            published_at: moment(release.published_at),
            attack: release.attack.to_string(),
            preset: release.preset,
        }
    }
}

/// The releases
///
/// The latest first.
#[utoipa::path(
    operation_id = "list_releases",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(Page),
    responses((status = 200, description = "A page of releases.", body = Paged<ReleaseItem>)),
)]
#[get("/v1/releases")]
pub async fn list(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let limit = page.0.rows()?;
    let before = page.0.after()?.map(|number| number.parse()).transpose();
    let before = before.map_err(|_| Problem::parameter("cursor", "is not one that this service gave"))?;
    let found = access.run(move |inside| list_releases(&inside.app, before, limit));
    reply::json(&request, &Paged::of(found.await?, ReleaseItem::from), Cache::Private)
}
