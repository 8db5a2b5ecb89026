//! `PATCH /v1/organisation/clients/{id}`

use actix_web::{HttpRequest, HttpResponse, patch, web};

use super::clients::{ClientChange, ClientWithSecrets};
use crate::{
    app::change_client::{ClientDetail, change_client},
    domain::access::ClientId,
    http::{
        extract::{
            access::{Access, OrganisationAdmin},
            body::Body,
        },
        problem::Problem,
        reply::{self, Precondition},
    },
};

/// Change a client
///
/// Changes the name, scopes and expiry of a client of your organisation. The change takes effect immediately. You can only
/// add scopes that your own token has.
#[utoipa::path(
    operation_id = "update_client",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(
        ("id" = String, Path, description = "ID of the client."),
        ("If-Match" = Option<String>, Header, description = "Entity tag that you read. Nothing changes if the current one differs."),
    ),
    request_body(content = ClientChange, content_type = "application/json"),
    responses(
        (status = 200, description = "The client after the change.", body = ClientWithSecrets),
        (status = 409, description = "The client is revoked, so it can't change."),
        (status = 412, description = "The resource has changed since you read it."),
    ),
)]
#[patch("/v1/organisation/clients/{id}")]
pub async fn update(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    id: web::Path<ClientId>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let (precondition, id) = (Precondition::of(&request), id.into_inner());
    let body = body.receive_json().await?;
    let changed = access.run(move |inside| {
        let change = body.json::<ClientChange>()?.read()?;
        let may = |now: &ClientDetail| precondition.holds(&ClientWithSecrets::from(now.clone()));
        let (organisation, caller) = (&inside.member.organisation, &inside.caller);
        let changed = change_client(&inside.app, caller, organisation, &id, &change, &may)?;
        Ok::<_, Problem>(ClientWithSecrets::from(changed))
    });
    reply::changed(&changed.await?)
}
