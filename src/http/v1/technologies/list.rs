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
};

/// What produces the evidence that rules look at.
#[derive(Serialize, ToSchema)]
struct TechnologyItem {
    /// `vendor.product`, as snapshots name it.
    #[schema(example = "microsoft.windows")]
    id: String,
    name: String,
    /// endpoint, identity, cloud, network, email, saas, container or ot.
    #[schema(example = "endpoint")]
    family: &'static str,
    /// host, service or network.
    #[schema(example = "host")]
    kind: &'static str,
    /// ATT&CK platforms.
    platforms: Vec<&'static str>,
    /// ATT&CK data components.
    #[schema(example = json!(["DC0032"]))]
    components: Vec<String>,
    /// It detects by itself with rules that no export shows, so a snapshot cannot declare it complete.
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

/// Technologies that snapshots may name
///
/// What is not in the list is `other.<family>` or `other.unknown` in a snapshot, and in no technology's statistic.
#[utoipa::path(
    tag = "facts",
    params(Page),
    responses((status = 200, description = "A page of technologies by id.", body = Paged<TechnologyItem>)),
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
