//! `GET /health/ready`

use actix_web::{HttpResponse, get};

use super::live::Health;
use crate::http::{extract::service::Service, problem::Problem};

/// Check that requests can be answered
///
/// Asks the database, and also whether it takes writes if the last one failed. Use it to decide whether to send traffic to this process.
#[utoipa::path(
    operation_id = "ready",
    tag = "service",
    responses((status = 200, description = "The service can answer requests.", body = Health)),
)]
#[get("/health/ready")]
pub async fn ready(service: Service) -> Result<HttpResponse, Problem> {
    service.check_ready().await?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(Health { status: "ok" }))
}
