//! `GET /health/live`

use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::names;

/// The health of the service.
#[derive(Serialize, ToSchema)]
#[schema(as = HealthStatus)]
pub struct Health {
    /// State of the service.
    #[schema(value_type = names::Ok)]
    pub status: &'static str,
}

/// Check that the process is alive
///
/// Answers as soon as the process accepts requests. It doesn't look at the database.
#[utoipa::path(
    operation_id = "live",
    tag = "service",
    responses((status = 200, description = "The process is alive and accepts requests.", body = Health)),
)]
#[get("/health/live")]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(Health { status: "ok" })
}
