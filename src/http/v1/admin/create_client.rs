//! `POST /v1/admin/organisations/{id}/clients`

use actix_web::{HttpRequest, HttpResponse, post, web};

use crate::{
    app::create_client::create_client,
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
    responses((
        status = 201,
        description = "The new client with its secret.",
        body = NewClient,
    )),
)]
#[post("/v1/admin/organisations/{id}/clients")]
pub async fn create(
    operator: Operator,
    request: HttpRequest,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let id = OrganisationId::new(id.into_inner());
    let scopes = body.json::<ClientRequest>().await?.scopes()?;
    let created = operator.run(move |platform| {
        create_client(&platform.app, &platform.caller, Some(&id), scopes.as_deref(), key.0.as_deref())
    });
    let created = NewClient::from(created.await?);
    let location = format!("{}/{}", request.path(), created.client.client_id);
    Ok(reply::Created::of(location, &created.client, &created)?.respond(Cache::Never))
}
