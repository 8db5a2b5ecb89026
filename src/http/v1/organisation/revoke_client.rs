//! `DELETE /v1/organisation/clients/{id}`

use actix_web::{HttpResponse, delete, web};

use crate::{
    app::revoke_client::{RevokeClientError, revoke_client},
    domain::access::ClientId,
    http::{
        extract::access::{Access, OrganisationAdmin},
        problem::Problem,
    },
};

/// Revoke a client
///
/// Revokes a client. It can't get new tokens, and its current tokens stop working immediately.
#[utoipa::path(
    operation_id = "revoke_client",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(("id" = String, Path, description = "ID of the client.")),
    responses((status = 204, description = "The client is revoked and its tokens are invalid.")),
)]
#[delete("/v1/organisation/clients/{id}")]
pub async fn revoke(
    access: Access<OrganisationAdmin>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = ClientId::new(id.into_inner());
    access.run(move |inside| revoke_client(&inside.app, &inside.caller, &id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<RevokeClientError> for Problem {
    fn from(error: RevokeClientError) -> Self {
        match error {
            RevokeClientError::UnknownClient => Self::not_found("client"),
            RevokeClientError::Store(error) => error.into(),
        }
    }
}
