//! `GET /v1/organisation/clients`

use actix_web::{HttpRequest, HttpResponse, get};

use super::clients::ClientItem;
use crate::{
    app::list_clients::list_clients,
    domain::access::ClientId,
    http::{
        extract::{
            access::{Access, OrganisationAdmin},
            page::{Page, Paged},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache},
    },
};

/// List clients
///
/// Returns your organisation's clients in the order of creation, revoked clients included.
#[utoipa::path(
    operation_id = "list_clients",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(Page),
    responses((status = 200, description = "A page of your organisation's clients.", body = Paged<ClientItem>)),
)]
#[get("/v1/organisation/clients")]
pub async fn list(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let (limit, after) = (page.0.rows()?, page.0.after_id::<ClientId>()?);
    let found =
        access.run(move |inside| list_clients(&inside.app, inside.member.tenant(), after.as_ref(), limit));
    reply::json(&request, &Paged::of(found.await?, ClientItem::from), Cache::Private)
}
