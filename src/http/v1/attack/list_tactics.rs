//! `GET /v1/attack/{version}/tactics`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::facts::Facts,
    problem::Problem,
    reply::{self, Cache},
};

/// The tactics of an ATT&CK version.
#[derive(Serialize, ToSchema)]
#[schema(as = TacticList)]
struct Tactics {
    /// The tactics in matrix order.
    items: Vec<TacticItem>,
}

/// A tactic. An ID can mean another tactic in another ATT&CK version, so tactics are identified by version and short name.
#[derive(Serialize, ToSchema)]
#[schema(as = Tactic)]
struct TacticItem {
    /// ID of the tactic in this version.
    #[schema(example = "TA0002")]
    id: String,
    /// Short name that filters and answers use.
    #[schema(example = "execution")]
    short_name: String,
    /// Name for people to read.
    #[schema(example = "Execution")]
    name: String,
}

/// List tactics
///
/// Returns the tactics of an ATT&CK version in the order of the matrix.
#[utoipa::path(
    operation_id = "list_tactics",
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version, as `GET /v1/attack/versions` lists it.", example = "19.0")),
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
