//! `GET /health/ready`

use actix_web::{HttpResponse, get};

use super::live::Health;
use crate::http::{extract::service::Service, problem::Problem};

/// Whether requests can be answered
#[utoipa::path(
    tag = "service",
    responses(
        (status = 200, description = "They can.", body = Health),
        (
            status = 503,
            description = "The database does not answer.",
            body = inline(crate::http::problem::Document<'_>),
            content_type = "application/problem+json",
        ),
    ),
)]
#[get("/health/ready")]
pub async fn ready(service: Service) -> Result<HttpResponse, Problem> {
    service.check_ready().await?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(Health { status: "ok" }))
}
