//! `GET /v1/attack/{version}/techniques`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    wire::names,
};

/// An active technique or sub-technique.
#[derive(Serialize, ToSchema)]
#[schema(as = Technique)]
struct TechniqueItem {
    /// ID of the technique or sub-technique.
    #[schema(example = "T1059.001")]
    id: String,
    /// Name in this ATT&CK version.
    #[schema(example = "PowerShell")]
    name: String,
    /// ID of the parent technique; absent for a parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "T1059")]
    parent: Option<String>,
    /// Short names of its tactics, in matrix order.
    #[schema(example = json!(["execution"]))]
    tactics: Vec<String>,
    /// Platforms that it applies to.
    #[schema(value_type = Vec<names::Platform>)]
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

/// The query of a list of techniques.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TechniqueSearch {
    /// Returns only techniques whose name contains these words, in any order, or whose ID begins with them.
    #[param(example = "scheduled task")]
    q: Option<String>,
    /// Maximum number of items on the page. 100 if omitted.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 100)]
    limit: Option<String>,
    /// Value of `next` on the previous page.
    cursor: Option<String>,
}

/// Says that a technique's name contains all the words, or its ID begins with the text.
fn is_meant(technique: &Technique, said: &str) -> bool {
    let name = technique.name.to_lowercase();
    let by_id = technique.id.to_string().to_lowercase().starts_with(said);
    by_id || said.split_whitespace().all(|word| name.contains(word))
}

/// List techniques
///
/// Returns the active techniques and sub-techniques of an ATT&CK version by ID, each parent directly before its
/// sub-techniques. `q` searches their names.
#[utoipa::path(
    operation_id = "list_techniques",
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version, as `GET /v1/attack/versions` lists it.", example = "19.0"), TechniqueSearch),
    responses((status = 200, description = "A page of techniques and sub-techniques.", body = Paged<TechniqueItem>)),
)]
#[get("/v1/attack/{version}/techniques")]
pub async fn list_techniques(
    request: HttpRequest,
    facts: Facts,
    version: web::Path<String>,
    query: Query<TechniqueSearch>,
) -> Result<HttpResponse, Problem> {
    let catalogue = facts.catalogue(&version)?;
    let TechniqueSearch { q, limit, cursor } = query.0;
    let said = q.map(|q| q.trim().to_lowercase());
    let meant =
        catalogue.active().filter(|technique| said.as_ref().is_none_or(|said| is_meant(technique, said)));
    let items = meant.map(|technique| TechniqueItem::new(technique, catalogue));
    reply::json(&request, &Page::new(limit, cursor).of(items, |item| item.id.clone())?, Cache::Public)
}
