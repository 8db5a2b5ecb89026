//! `GET /v1/attack/{version}/groups`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{
        facts::Facts,
        page::{Page, Paged},
        query::Query,
    },
    problem::Problem,
    reply::{self, Cache},
};

/// A threat group.
#[derive(Serialize, ToSchema)]
struct GroupItem {
    #[schema(example = "G0016")]
    id: String,
    #[schema(example = "APT29")]
    name: String,
    /// What ATT&CK attributes to it directly, ascending.
    techniques: Vec<String>,
}

/// Threat groups of one ATT&CK version
#[utoipa::path(
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version.", example = "19.0"), Page),
    responses((status = 200, description = "A page of threat groups by id.", body = Paged<GroupItem>)),
)]
#[get("/v1/attack/{version}/groups")]
pub async fn list_groups(
    request: HttpRequest,
    facts: Facts,
    version: web::Path<String>,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let items = facts.catalogue(&version)?.groups().iter().map(|group| GroupItem {
        id: group.id.to_string(),
        name: group.name.clone(),
        techniques: group.techniques.iter().map(ToString::to_string).collect(),
    });
    reply::json(&request, &page.0.of(items, |item| item.id.clone())?, Cache::Public)
}
