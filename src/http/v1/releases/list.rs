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
    wire::names,
};

/// A release of peer statistics. Comparisons show its numbers.
#[derive(Serialize, ToSchema)]
#[schema(as = Release)]
pub struct ReleaseItem {
    /// Number of the release, counted from 1.
    #[schema(minimum = 1, example = 2)]
    pub number: u32,
    /// Cut-off: the release uses the snapshots that were there at this time.
    #[schema(format = DateTime)]
    cut_off: String,
    /// Time of the publication, rounded down to the hour: the moment would tell how long the release took. It can therefore
    /// be before the cut-off.
    #[schema(format = DateTime)]
    published_at: String,
    /// ATT&CK version that the release is computed in.
    #[schema(example = "19.0")]
    attack: String,
    /// Preset of the privacy parameters.
    #[schema(value_type = names::Preset)]
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

/// List releases
///
/// Returns the published releases, the latest first.
#[utoipa::path(
    operation_id = "list_releases",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(Page),
    responses((status = 200, description = "A page of published releases.", body = Paged<ReleaseItem>)),
)]
#[get("/v1/releases")]
pub async fn list(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let limit = page.0.rows()?;
    let before = page.0.after()?.map(|number| number.parse()).transpose();
    let before = before.map_err(|_| Problem::parameter("cursor", "isn't a cursor of this list"))?;
    let found = access.run(move |inside| list_releases(&inside.app, before, limit));
    reply::json(&request, &Paged::of(found.await?, ReleaseItem::from), Cache::Private)
}
