//! `GET /openapi.json`

use std::sync::OnceLock;

use actix_web::{HttpRequest, HttpResponse, get, web::Bytes};

use crate::http::{
    openapi as api,
    problem::Problem,
    reply::{self, Cache},
};

/// This document
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "The OpenAPI document of this service.", body = Object)),
)]
#[get("/openapi.json")]
pub async fn openapi(request: HttpRequest) -> Result<HttpResponse, Problem> {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = match TEXT.get() {
        Some(text) => text.clone(),
        None => {
            let text = Bytes::from(api::json().map_err(Problem::internal)?);
            TEXT.get_or_init(|| text).clone()
        }
    };
    Ok(reply::bytes(&request, "application/json", text, Cache::Public))
}
