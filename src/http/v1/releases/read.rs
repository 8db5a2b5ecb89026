//! `GET /v1/releases/{number}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::list::ReleaseItem;
use crate::{
    app::read_release::{ReadReleaseError, read_release},
    http::{
        extract::access::{Access, ComparisonsRead},
        problem::Problem,
        reply::{self, Cache},
    },
};

/// One release
#[utoipa::path(
    operation_id = "read_release",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(("number" = u32, Path, description = "The release's number.", minimum = 1)),
    responses((status = 200, description = "The release.", body = ReleaseItem)),
)]
#[get("/v1/releases/{number}")]
pub async fn read(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    number: web::Path<u32>,
) -> Result<HttpResponse, Problem> {
    let found = access.run(move |inside| read_release(&inside.app, number.into_inner()));
    reply::json(&request, &ReleaseItem::from(found.await?), Cache::Private)
}

impl From<ReadReleaseError> for Problem {
    fn from(error: ReadReleaseError) -> Self {
        match error {
            ReadReleaseError::UnknownRelease => Self::not_found("release"),
            ReadReleaseError::Store(error) => error.into(),
        }
    }
}
