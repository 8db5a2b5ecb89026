//! `DELETE /v1/organisation/clients/{id}`

use actix_web::{HttpResponse, delete, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::revoke_client::{RevokeClientError, revoke_client, revoke_client_and_made},
    domain::access::ClientId,
    http::{
        extract::{
            access::{Access, OrganisationAdmin},
            query::Query,
        },
        problem::Problem,
    },
};

/// The extent of a revocation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RevokeParameters {
    /// Also revoke the clients that it created, directly or indirectly. Default: `false`.
    #[param(value_type = Option<bool>)]
    with_made: Option<String>,
}

/// Revoke a client
///
/// Revokes a client. It can't get new tokens, and its current tokens stop working immediately.
#[utoipa::path(
    operation_id = "revoke_client",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(("id" = String, Path, description = "ID of the client."), RevokeParameters),
    responses((status = 204, description = "The client is revoked and its tokens are invalid.")),
)]
#[delete("/v1/organisation/clients/{id}")]
pub async fn revoke(
    access: Access<OrganisationAdmin>,
    id: web::Path<ClientId>,
    query: Query<RevokeParameters>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let with_made = match query.0.with_made.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::parameter("with_made", "must be true or false")),
    };
    let revoked = access.run(move |inside| match with_made {
        true => revoke_client_and_made(&inside.app, &inside.caller, &id),
        false => revoke_client(&inside.app, &inside.caller, &id),
    });
    revoked.await?;
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
