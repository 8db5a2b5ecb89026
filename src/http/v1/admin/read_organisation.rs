//! `GET /v1/admin/organisations/{id}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::{
    app::read_organisation::read_organisation,
    domain::organisation::OrganisationId,
    http::{
        extract::access::Operator,
        problem::Problem,
        reply::{self, Cache},
        v1::organisation::item::OrganisationItem,
    },
};

/// One organisation
#[utoipa::path(
    operation_id = "admin_read_organisation",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(("id" = String, Path, description = "The organisation's id.")),
    responses((status = 200, description = "The organisation and its profile.", body = OrganisationItem)),
)]
#[get("/v1/admin/organisations/{id}")]
pub async fn read(
    operator: Operator,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = OrganisationId::new(id.into_inner());
    let found = operator.run(move |platform| read_organisation(&platform.app, &id));
    reply::json(&request, &OrganisationItem::for_operator(found.await?), Cache::Private)
}
