//! `GET /v1/attack/versions`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{attack::NOTICE, snapshot::DOMAIN},
    http::{
        extract::facts::Facts,
        problem::Problem,
        reply::{self, Cache},
    },
};

/// The ATT&CK versions side by side.
#[derive(Serialize, ToSchema)]
struct Versions {
    /// Oldest first.
    items: Vec<Version>,
    /// MITRE's copyright designation.
    notice: &'static str,
}

/// One version of Enterprise ATT&CK.
#[derive(Serialize, ToSchema)]
struct Version {
    #[schema(example = "19.0")]
    version: String,
    #[schema(example = "enterprise-attack")]
    domain: &'static str,
    /// Active parent techniques.
    techniques: usize,
    /// Active sub-techniques.
    sub_techniques: usize,
    /// Threat groups.
    groups: usize,
    /// Whether releases are computed in this version.
    canonical: bool,
}

/// ATT&CK versions that snapshots may name
#[utoipa::path(tag = "facts", responses((status = 200, description = "The versions, oldest first.", body = Versions)))]
#[get("/v1/attack/versions")]
pub async fn list_versions(request: HttpRequest, facts: Facts) -> Result<HttpResponse, Problem> {
    let catalogues = facts.catalogues();
    let canonical = catalogues.canonical().map(|catalogue| catalogue.version());
    let items = catalogues.versions().filter_map(|version| catalogues.get(version)).map(|catalogue| {
        let parents = catalogue.active().filter(|technique| !technique.id.is_sub()).count();
        Version {
            version: catalogue.version().to_string(),
            domain: DOMAIN,
            techniques: parents,
            sub_techniques: catalogue.active().count().saturating_sub(parents),
            groups: catalogue.groups().len(),
            canonical: canonical == Some(catalogue.version()),
        }
    });
    reply::json(&request, &Versions { items: items.collect(), notice: NOTICE }, Cache::Public)
}
