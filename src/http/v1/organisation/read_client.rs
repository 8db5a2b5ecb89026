//! `GET /v1/organisation/clients/{id}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::clients::ClientWithSecrets;
use crate::{
    app::change_client::read_client,
    domain::access::ClientId,
    http::{
        extract::access::{Access, OrganisationAdmin},
        problem::Problem,
        reply::{self, Cache},
    },
};

/// Read a client
///
/// Returns a client of your organisation with its last use and the secrets it has.
#[utoipa::path(
    operation_id = "read_client",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(("id" = String, Path, description = "ID of the client.")),
    responses((status = 200, description = "The client and its secrets, without the secrets themselves.", body = ClientWithSecrets)),
)]
#[get("/v1/organisation/clients/{id}")]
pub async fn read(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    id: web::Path<ClientId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let found =
        access.run(move |inside| read_client(&inside.app, &inside.caller, &inside.member.organisation, &id));
    reply::json(&request, &ClientWithSecrets::from(found.await?), Cache::Private)
}
