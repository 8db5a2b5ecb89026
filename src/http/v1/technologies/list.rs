//! `GET /v1/technologies`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::technology::{Kind, Technology},
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

/// A technology: the product or log source that produces the evidence for rules.
#[derive(Serialize, ToSchema)]
#[schema(as = Technology)]
struct TechnologyItem {
    /// ID in the form `vendor.product`, as used in snapshots.
    #[schema(example = "microsoft.windows")]
    id: String,
    /// Name for people to read.
    #[schema(example = "Windows event logs and Sysmon")]
    name: String,
    /// Family that the technology belongs to.
    #[schema(value_type = names::TechnologyFamily)]
    family: &'static str,
    /// Kind of the technology.
    #[schema(value_type = names::TechnologyKind)]
    kind: &'static str,
    /// ATT&CK platforms that it can see.
    #[schema(value_type = Vec<names::Platform>)]
    platforms: Vec<&'static str>,
    /// IDs of the ATT&CK data components that it provides.
    #[schema(example = json!(["DC0032"]))]
    components: Vec<String>,
    /// True if it has built-in detections that no rule export shows. A snapshot can't declare it complete.
    native_detections: bool,
}

impl From<&Technology> for TechnologyItem {
    fn from(technology: &Technology) -> Self {
        Self {
            id: technology.id.clone(),
            name: technology.name.clone(),
            family: technology.family.name(),
            kind: match technology.kind {
                Kind::Host => "host",
                Kind::Service => "service",
                Kind::Network => "network",
            },
            platforms: technology.platforms.iter().map(|platform| platform.name()).collect(),
            components: technology.components.iter().collect(),
            native_detections: technology.native_detections,
        }
    }
}

/// List technologies
///
/// Returns the technologies that snapshots may use. Use `other.<family>` or `other.unknown` for a technology that isn't
/// listed; it is then in no technology's statistic.
#[utoipa::path(
    operation_id = "list_technologies",
    tag = "facts",
    params(Page),
    responses((status = 200, description = "A page of technologies by ID.", body = Paged<TechnologyItem>)),
)]
#[get("/v1/technologies")]
pub async fn list_technologies(
    request: HttpRequest,
    facts: Facts,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let items = facts.registry().technologies().iter().map(TechnologyItem::from);
    reply::json(&request, &page.0.of(items, |item| item.id.clone())?, Cache::Public)
}
