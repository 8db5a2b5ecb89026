//! `GET /v1/attack/{version}/techniques`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::attack::{Catalogue, Technique},
    http::{
        extract::{
            facts::Facts,
            page::{Page, Paged},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache},
    },
};

/// An active technique or sub-technique.
#[derive(Serialize, ToSchema)]
struct TechniqueItem {
    #[schema(example = "T1059.001")]
    id: String,
    #[schema(example = "PowerShell")]
    name: String,
    /// The parent of a sub-technique.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// Short names, in matrix order.
    tactics: Vec<String>,
    platforms: Vec<&'static str>,
}

impl TechniqueItem {
    fn new(technique: &Technique, catalogue: &Catalogue) -> Self {
        let tactic =
            |position: &u8| Some(catalogue.tactics().get(usize::from(*position))?.short_name.clone());
        Self {
            id: technique.id.to_string(),
            name: technique.name.clone(),
            parent: technique.id.is_sub().then(|| technique.id.parent().to_string()),
            tactics: technique.tactics.iter().filter_map(tactic).collect(),
            platforms: technique.platforms.iter().map(|platform| platform.name()).collect(),
        }
    }
}

/// Techniques of one ATT&CK version
///
/// Active techniques and sub-techniques by id, a parent directly before its sub-techniques.
#[utoipa::path(
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version.", example = "19.0"), Page),
    responses((status = 200, description = "A page of techniques.", body = Paged<TechniqueItem>)),
)]
#[get("/v1/attack/{version}/techniques")]
pub async fn list_techniques(
    request: HttpRequest,
    facts: Facts,
    version: web::Path<String>,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let catalogue = facts.catalogue(&version)?;
    let items = catalogue.active().map(|technique| TechniqueItem::new(technique, catalogue));
    reply::json(&request, &page.0.of(items, |item| item.id.clone())?, Cache::Public)
}
