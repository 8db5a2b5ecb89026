//! `GET /health/live`

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

/// How the service is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    pub status: &'static str,
}

/// Whether the process answers
#[utoipa::path(tag = "service", responses((status = 200, description = "It does.", body = Health)))]
#[get("/health/live")]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(Health { status: "ok" })
}
