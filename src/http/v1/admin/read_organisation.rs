//! `GET /v1/admin/organisations/{id}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::{
    app::read_organisation::read_organisation,
    domain::organisation::OrganisationId,
    http::{
        extract::access::Observer,
        problem::Problem,
        reply::{self, Cache},
        v1::organisation::item::OrganisationItem,
    },
};

/// Read an organisation
///
/// Returns an organisation with its profile, standing and control group.
#[utoipa::path(
    operation_id = "admin_read_organisation",
    tag = "admin",
    security(("oauth" = ["platform:read"])),
    params(("id" = String, Path, description = "ID of the organisation.")),
    responses((status = 200, description = "The organisation and its profile.", body = OrganisationItem)),
)]
#[get("/v1/admin/organisations/{id}")]
pub async fn read(
    operator: Observer,
    request: HttpRequest,
    id: web::Path<OrganisationId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let found = operator.run(move |platform| read_organisation(&platform.app, &id));
    reply::json(&request, &OrganisationItem::for_operator(found.await?), Cache::Private)
}
