//! `POST /v1/organisation/clients`

use actix_web::{HttpRequest, HttpResponse, post};

use super::clients::{ClientRequest, NewClient};
use crate::{
    app::create_client::create_client,
    http::{
        extract::{
            access::{Access, OrganisationAdmin},
            body::Body,
            idempotency::IdempotencyKey,
        },
        problem::Problem,
        reply::{self, Cache},
    },
};

/// Create a client
///
/// Creates a client of your organisation and returns its secret, which is shown only once.
#[utoipa::path(
    operation_id = "create_client",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Unique key of the request, 1 to 200 visible ASCII characters. A repetition with the same key does nothing twice.")),
    request_body(content = ClientRequest, content_type = "application/json"),
    responses((
        status = 201,
        description = "The new client with its secret.",
        body = NewClient,
    )),
)]
#[post("/v1/organisation/clients")]
pub async fn create(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    key: IdempotencyKey,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let scopes = body.json::<ClientRequest>().await?.scopes()?;
    let created = access.run(move |inside| {
        let organisation = Some(&inside.member.organisation);
        create_client(&inside.app, &inside.caller, organisation, scopes.as_deref(), key.0.as_deref())
    });
    let created = NewClient::from(created.await?);
    let location = format!("{}/{}", request.path(), created.client.client_id);
    Ok(reply::Created::of(location, &created.client, &created)?.respond(Cache::Never))
}
