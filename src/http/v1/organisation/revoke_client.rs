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

/// Revoke a client of the own organisation
///
/// It gets no more tokens, and those it has stop working at once.
#[utoipa::path(
    operation_id = "revoke_client",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(("id" = String, Path, description = "The client's id.")),
    responses((status = 204, description = "Revoked.")),
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
