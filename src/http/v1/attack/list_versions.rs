//! `GET /v1/attack/versions`

use std::{borrow::Cow, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{
        attack::{Catalogue, bundled, compact},
        release::Hash,
        snapshot::DOMAIN,
    },
    http::{extract::facts::Facts, kept::Kept, problem::Problem},
    wire::names::AttackDomain,
};

/// The ATT&CK versions that the service knows.
#[derive(Serialize, ToSchema)]
#[schema(as = AttackVersionList)]
struct Versions {
    /// The versions, oldest first.
    items: Vec<Version>,
    /// MITRE's copyright designation, as the newest version has it.
    notice: String,
}

/// A version of Enterprise ATT&CK.
#[derive(Serialize, ToSchema)]
#[schema(as = AttackVersion)]
struct Version {
    /// Version number as MITRE publishes it.
    #[schema(example = "19.0")]
    version: String,
    /// Domain of ATT&CK that it covers.
    #[schema(value_type = AttackDomain)]
    domain: &'static str,
    /// Number of active parent techniques.
    #[schema(example = 222)]
    techniques: usize,
    /// Number of active sub-techniques.
    #[schema(example = 475)]
    sub_techniques: usize,
    /// Number of threat groups.
    #[schema(example = 172)]
    groups: usize,
    /// True for the version that releases are computed in.
    canonical: bool,
    /// SHA-256, in hexadecimal, of what `GET /v1/attack/{version}/catalogue` answers.
    catalogue: String,
    /// MITRE's copyright designation.
    notice: String,
}

/// The text of a catalogue.
pub fn text_of(catalogue: &Arc<Catalogue>) -> Result<Cow<'static, str>, Problem> {
    match bundled::text_of(catalogue) {
        Some(text) => Ok(text.into()),
        None => compact::to_json(catalogue).map(Cow::from).map_err(Problem::internal),
    }
}

/// List ATT&CK versions
///
/// Returns the ATT&CK versions that snapshots may use, with the number of techniques and threat groups in each.
#[utoipa::path(
    operation_id = "list_versions",
    tag = "facts",
    responses((status = 200, description = "The known ATT&CK versions, oldest first.", body = Versions)),
)]
#[get("/v1/attack/versions")]
pub async fn list_versions(request: HttpRequest, facts: Facts) -> Result<HttpResponse, Problem> {
    facts
        .kept(&request, "versions", |facts| {
            let body = serde_json::to_vec(&versions(facts)?).map_err(Problem::internal)?;
            Kept::new("application/json", body).map_err(Problem::internal)
        })
        .await
}

fn versions(facts: &Facts) -> Result<Versions, Problem> {
    let catalogues = facts.catalogues();
    let canonical = catalogues.canonical().map(|catalogue| catalogue.version());
    let known = || catalogues.versions().filter_map(|version| catalogues.get(version));
    let item = |catalogue: &Arc<Catalogue>| {
        let parents = catalogue.active().filter(|technique| !technique.id.is_sub()).count();
        Ok(Version {
            version: catalogue.version().to_string(),
            domain: DOMAIN,
            techniques: parents,
            sub_techniques: catalogue.active().count().saturating_sub(parents),
            groups: catalogue.groups().len(),
            canonical: canonical == Some(catalogue.version()),
            catalogue: Hash::of(text_of(catalogue)?.as_bytes()).to_string(),
            notice: catalogue.notice().to_owned(),
        })
    };
    let items = known().map(item).collect::<Result<Vec<Version>, Problem>>()?;
    let notice = known().next_back().map(|catalogue| catalogue.notice().to_owned()).unwrap_or_default();
    Ok(Versions { items, notice })
}
