//! `DELETE /v1/organisation/clients/{id}/secrets/{secret}`

use actix_web::{HttpResponse, delete, web};

use crate::{
    app::change_client::remove_secret,
    domain::access::{ClientId, SecretId},
    http::{
        extract::access::{Access, OrganisationAdmin},
        problem::Problem,
    },
};

/// Remove a secret from a client
///
/// Removes a secret of a client of your organisation. It gets no more tokens; earlier ones expire within 15 minutes. Revoke
/// the client to invalidate them immediately.
#[utoipa::path(
    operation_id = "remove_client_secret",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(
        ("id" = String, Path, description = "ID of the client."),
        ("secret" = String, Path, description = "ID of the secret."),
    ),
    responses((status = 204, description = "The secret is removed and no longer valid.")),
)]
#[delete("/v1/organisation/clients/{id}/secrets/{secret}")]
pub async fn remove(
    access: Access<OrganisationAdmin>,
    ids: web::Path<(ClientId, SecretId)>,
) -> Result<HttpResponse, Problem> {
    let (id, secret) = ids.into_inner();
    let removed = access.run(move |inside| {
        remove_secret(&inside.app, &inside.caller, &inside.member.organisation, &id, &secret)
    });
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}
