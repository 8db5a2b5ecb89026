//! `GET /v1/admin/organisations/{id}/clients`

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::{
    app::{list_clients::list_clients, read_organisation::read_organisation},
    domain::{
        access::ClientId,
        organisation::{OrganisationId, Tenant},
    },
    http::{
        extract::{
            access::Observer,
            page::{Page, Paged},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache},
        v1::organisation::clients::ClientItem,
    },
};

/// List an organisation's clients
///
/// Returns the clients of an organisation in the order of creation, revoked clients included.
#[utoipa::path(
    operation_id = "admin_list_clients",
    tag = "admin",
    security(("oauth" = ["platform:read"])),
    params(("id" = String, Path, description = "ID of the organisation."), Page),
    responses((status = 200, description = "A page of the organisation's clients.", body = Paged<ClientItem>)),
)]
#[get("/v1/admin/organisations/{id}/clients")]
pub async fn list(
    operator: Observer,
    request: HttpRequest,
    id: web::Path<OrganisationId>,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let (limit, after) = (page.0.rows()?, page.0.after_id::<ClientId>()?);
    let found = operator.run(move |platform| {
        read_organisation(&platform.app, &id)?;
        let clients = list_clients(&platform.app, Tenant::Organisation(&id), after.as_ref(), limit)?;
        Ok::<_, Problem>(clients)
    });
    reply::json(&request, &Paged::of(found.await?, ClientItem::from), Cache::Private)
}
