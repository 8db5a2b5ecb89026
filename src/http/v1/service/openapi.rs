//! `GET /openapi.json`

use actix_web::{HttpRequest, HttpResponse, get};

use crate::{http::extract::service::Service, wire::names};

/// Read the OpenAPI document
///
/// Returns this document, which describes every operation of the service.
#[utoipa::path(
    operation_id = "openapi",
    tag = "service",
    responses((status = 200, description = "The OpenAPI document of this service.", body = names::OpenApiDocument)),
)]
#[get("/openapi.json")]
pub async fn openapi(request: HttpRequest, service: Service) -> HttpResponse {
    service.document(&request)
}
