//! `POST /v1/organisation/clients`

use actix_web::{HttpRequest, HttpResponse, post};

use super::clients::{ClientRequest, NewClient};
use crate::{
    app::create_client::create_named_client,
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
/// Creates a client of your organisation and returns its secret, which is shown only once. You can only
/// grant scopes that your own token has.
#[utoipa::path(
    operation_id = "create_client",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Unique key of the request, 1 to 200 visible ASCII characters. A repetition with the same key does nothing twice.")),
    request_body(content = ClientRequest, content_type = "application/json"),
    responses(
        (status = 201,
        description = "The new client with its secret.",
        body = NewClient,),
        (status = 409, description = "A quota is exceeded or the current state doesn't allow it."),
    ),
)]
#[post("/v1/organisation/clients")]
pub async fn create(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    key: IdempotencyKey,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let body = body.receive_json().await?;
    let created = access.run(move |inside| {
        let new = body.json::<ClientRequest>()?.read()?;
        let (organisation, key) = (Some(&inside.member.organisation), key.0.as_deref());
        Ok::<_, Problem>(create_named_client(&inside.app, &inside.caller, organisation, new, key)?)
    });
    let created = NewClient::from(created.await?);
    let location = format!("{}/{}", request.path(), created.client.client.client_id);
    Ok(reply::Created::of(location, &created.client, &created)?.respond(Cache::Never))
}
