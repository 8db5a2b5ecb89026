//! `GET /v1/attack/{version}/tactics`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::facts::Facts,
    problem::Problem,
    reply::{self, Cache},
};

/// The columns of the matrix.
#[derive(Serialize, ToSchema)]
struct Tactics {
    /// In matrix order.
    items: Vec<TacticItem>,
}

/// A tactic. Tactics are named by version and short name: an id may mean another tactic in another version.
#[derive(Serialize, ToSchema)]
struct TacticItem {
    #[schema(example = "TA0002")]
    id: String,
    #[schema(example = "execution")]
    short_name: String,
    #[schema(example = "Execution")]
    name: String,
}

/// Tactics of one ATT&CK version
#[utoipa::path(
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version.", example = "19.0")),
    responses((status = 200, description = "The tactics in matrix order.", body = Tactics)),
)]
#[get("/v1/attack/{version}/tactics")]
pub async fn list_tactics(
    request: HttpRequest,
    facts: Facts,
    version: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let items = facts.catalogue(&version)?.tactics().iter().map(|tactic| TacticItem {
        id: tactic.id.clone(),
        short_name: tactic.short_name.clone(),
        name: tactic.name.clone(),
    });
    reply::json(&request, &Tactics { items: items.collect() }, Cache::Public)
}
