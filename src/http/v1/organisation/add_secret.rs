//! `POST /v1/organisation/clients/{id}/secrets`

use actix_web::{HttpRequest, HttpResponse, post, web};

use super::clients::NewSecret;
use crate::{
    app::change_client::add_secret,
    domain::access::ClientId,
    http::{
        extract::access::{Access, OrganisationAdmin},
        problem::Problem,
        reply::{self, Cache},
    },
};

/// Add a secret to a client
///
/// Adds a second secret to a client of your organisation and returns it, only this once. Both secrets are valid until you
/// remove one. You can't add a secret to a client with scopes that your own token lacks.
#[utoipa::path(
    operation_id = "add_client_secret",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(("id" = String, Path, description = "ID of the client.")),
    responses(
        (status = 201, description = "The new secret of the client.", body = NewSecret),
        (status = 409, description = "The client has two secrets or is revoked."),
    ),
)]
#[post("/v1/organisation/clients/{id}/secrets")]
pub async fn add(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    id: web::Path<ClientId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let added =
        access.run(move |inside| add_secret(&inside.app, &inside.caller, &inside.member.organisation, &id));
    let added = NewSecret::from(added.await?);
    let location = format!("{}/{}", request.path(), added.secret.secret_id);
    Ok(reply::Created::of(location, &added.secret, &added)?.respond(Cache::Never))
}
