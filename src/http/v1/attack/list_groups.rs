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

/// A threat group and its techniques.
#[derive(Serialize, ToSchema)]
#[schema(as = ThreatGroup)]
struct GroupItem {
    /// ID of the threat group.
    #[schema(example = "G0016")]
    id: String,
    /// Name that MITRE uses.
    #[schema(example = "APT29")]
    name: String,
    /// IDs of the techniques that ATT&CK attributes to it, directly or through its campaigns, ascending.
    #[schema(example = json!(["T1059.001"]))]
    techniques: Vec<String>,
    /// Those of them that are attributed through campaigns alone. Releases in versions before 19.1 leave them out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    through_campaigns: Vec<String>,
    /// The group is put together from other sources than MITRE's own file.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reconstructed: bool,
}

/// List threat groups
///
/// Returns the threat groups of an ATT&CK version with the techniques that ATT&CK attributes to each.
#[utoipa::path(
    operation_id = "list_groups",
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version, as `GET /v1/attack/versions` lists it.", example = "19.0"), Page),
    responses((status = 200, description = "A page of threat groups by ID.", body = Paged<GroupItem>)),
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
        through_campaigns: group.through_campaigns.iter().map(ToString::to_string).collect(),
        reconstructed: group.reconstructed,
    });
    reply::json(&request, &page.0.of(items, |item| item.id.clone())?, Cache::Public)
}
