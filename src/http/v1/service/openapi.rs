//! `GET /openapi.json`

use actix_web::{HttpRequest, HttpResponse, get};

use crate::http::{
    extract::service::Service,
    problem::Problem,
    reply::{self, Cache},
};

/// This document
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "The OpenAPI document of this service.", body = Object)),
)]
#[get("/openapi.json")]
pub async fn openapi(request: HttpRequest, service: Service) -> Result<HttpResponse, Problem> {
    Ok(reply::bytes(&request, "application/json", service.document(), Cache::Public))
}
