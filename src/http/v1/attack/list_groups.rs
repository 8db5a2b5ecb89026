//! `GET /v1/attack/{version}/groups`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::attack::group_names::{aliases, contains};
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
    /// Other names of the group. Absent if none is known.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["Cozy Bear"]))]
    aliases: &'static [String],
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

/// The query of a list of threat groups.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct GroupSearch {
    /// Returns only groups whose ID, name or one of whose aliases contains this text.
    #[param(example = "cozy bear")]
    q: Option<String>,
    /// Maximum number of items on the page. 100 if omitted.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 100)]
    limit: Option<String>,
    /// Value of `next` on the previous page.
    cursor: Option<String>,
}

/// List threat groups
///
/// Returns the threat groups of an ATT&CK version with the techniques that ATT&CK attributes to each. `q` searches their
/// names and aliases.
#[utoipa::path(
    operation_id = "list_groups",
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version, as `GET /v1/attack/versions` lists it.", example = "19.0"), GroupSearch),
    responses((status = 200, description = "A page of threat groups by ID.", body = Paged<GroupItem>)),
)]
#[get("/v1/attack/{version}/groups")]
pub async fn list_groups(
    request: HttpRequest,
    facts: Facts,
    version: web::Path<String>,
    query: Query<GroupSearch>,
) -> Result<HttpResponse, Problem> {
    let GroupSearch { q, limit, cursor } = query.0;
    let meant = facts.catalogue(&version)?.groups().iter();
    let meant = meant.filter(|group| q.as_ref().is_none_or(|said| contains(group, said)));
    let items = meant.map(|group| GroupItem {
        id: group.id.to_string(),
        name: group.name.clone(),
        aliases: aliases(group.id),
        techniques: group.techniques.iter().map(ToString::to_string).collect(),
        through_campaigns: group.through_campaigns.iter().map(ToString::to_string).collect(),
        reconstructed: group.reconstructed,
    });
    reply::json(&request, &Page::new(limit, cursor).of(items, |item| item.id.clone())?, Cache::Public)
}
