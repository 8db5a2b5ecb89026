//! `POST /v1/admin/organisations/{id}/clients`

use actix_web::{HttpRequest, HttpResponse, post, web};

use crate::{
    app::create_client::create_named_client,
    domain::organisation::OrganisationId,
    http::{
        extract::{access::Operator, body::Body, idempotency::IdempotencyKey},
        problem::Problem,
        reply::{self, Cache},
        v1::organisation::clients::{ClientRequest, NewClient},
    },
};

/// Create a client of an organisation
///
/// Creates a client of the organisation and returns its secret, which is shown only once.
#[utoipa::path(
    operation_id = "admin_create_client",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(
        ("id" = String, Path, description = "ID of the organisation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Unique key of the request, 1 to 200 visible ASCII characters. A repetition with the same key does nothing twice."),
    ),
    request_body(content = ClientRequest, content_type = "application/json"),
    responses(
        (status = 201,
        description = "The new client with its secret.",
        body = NewClient,),
        (status = 409, description = "A quota is exceeded or the current state doesn't allow it."),
    ),
)]
#[post("/v1/admin/organisations/{id}/clients")]
pub async fn create(
    operator: Operator,
    request: HttpRequest,
    id: web::Path<OrganisationId>,
    key: IdempotencyKey,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let body = body.receive_json().await?;
    let created = operator.run(move |platform| {
        let (new, key) = (body.json::<ClientRequest>()?.read()?, key.0.as_deref());
        Ok::<_, Problem>(create_named_client(&platform.app, &platform.caller, Some(&id), new, key)?)
    });
    let created = NewClient::from(created.await?);
    let location = format!("{}/{}", request.path(), created.client.client.client_id);
    Ok(reply::Created::of(location, &created.client, &created)?.respond(Cache::Never))
}
