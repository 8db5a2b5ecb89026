//! `DELETE /v1/admin/organisations/{id}/clients/{client}`

use actix_web::{HttpResponse, delete, web};

use crate::{
    app::revoke_client::revoke_client_of,
    domain::{access::ClientId, organisation::OrganisationId},
    http::{extract::access::Operator, problem::Problem},
};

/// Revoke a client of an organisation
///
/// Revokes a client. It can't get new tokens, and its current tokens stop working immediately.
#[utoipa::path(
    operation_id = "admin_revoke_client",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(
        ("id" = String, Path, description = "ID of the organisation."),
        ("client" = String, Path, description = "ID of the client."),
    ),
    responses((status = 204, description = "The client is revoked and its tokens are invalid.")),
)]
#[delete("/v1/admin/organisations/{id}/clients/{client}")]
pub async fn revoke(
    operator: Operator,
    ids: web::Path<(OrganisationId, ClientId)>,
) -> Result<HttpResponse, Problem> {
    let (organisation, client) = ids.into_inner();
    let work = operator
        .run(move |platform| revoke_client_of(&platform.app, &platform.caller, &organisation, &client));
    work.await?;
    Ok(HttpResponse::NoContent().finish())
}
