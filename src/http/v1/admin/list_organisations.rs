//! `GET /v1/admin/organisations`

use actix_web::{HttpRequest, HttpResponse, get};

use crate::{
    app::list_organisations::list_organisations,
    domain::organisation::OrganisationId,
    http::{
        extract::{
            access::Observer,
            page::{Page, Paged},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache},
        v1::organisation::item::OrganisationItem,
    },
};

/// List organisations
///
/// Returns all organisations in the order of creation.
#[utoipa::path(
    operation_id = "admin_list_organisations",
    tag = "admin",
    security(("oauth" = ["platform:read"])),
    params(Page),
    responses((status = 200, description = "A page of all organisations.", body = Paged<OrganisationItem>)),
)]
#[get("/v1/admin/organisations")]
pub async fn list(
    operator: Observer,
    request: HttpRequest,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let (limit, after) = (page.0.rows()?, page.0.after_id::<OrganisationId>()?);
    let found = operator.run(move |platform| list_organisations(&platform.app, after.as_ref(), limit));
    reply::json(&request, &Paged::of(found.await?, OrganisationItem::for_operator), Cache::Private)
}
