//! `GET /v1/cohorts`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::read_comparison::{OwnCohort, read_cohorts},
    domain::{named::UnknownName, snapshot::Basis},
    http::{
        extract::{
            access::{Access, ComparisonsRead},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache},
    },
};

/// Which statistics.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CohortParameters {
    /// The kind of evidence: `deployed` (if not said) or `validated`.
    #[param(example = "deployed")]
    basis: Option<String>,
}

/// The own cohorts.
#[derive(Serialize, ToSchema)]
struct Cohorts {
    /// Coarse to fine.
    items: Vec<CohortItem>,
}

/// One of the own cohorts.
#[derive(Serialize, ToSchema)]
struct CohortItem {
    #[schema(example = "sector:finance")]
    cohort: String,
    /// `released` or `not_released`.
    status: &'static str,
    /// How many independent members, as a band.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "50-99")]
    members: Option<&'static str>,
}

impl From<OwnCohort> for CohortItem {
    fn from(own: OwnCohort) -> Self {
        Self {
            cohort: own.cohort.to_string(),
            status: if own.members.is_some() { "released" } else { "not_released" },
            members: own.members.map(|band| band.name()),
        }
    }
}

/// The cohorts of the own profile
///
/// With their band in the latest release, or `not_released`.
#[utoipa::path(
    operation_id = "list_cohorts",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(CohortParameters),
    responses(
        (status = 200, description = "The own cohorts, coarse to fine.", body = Cohorts),
        (
            status = 404,
            description = "Nothing is published yet.",
            body = inline(crate::http::problem::Document<'_>),
            content_type = "application/problem+json",
        ),
    ),
)]
#[get("/v1/cohorts")]
pub async fn list(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<CohortParameters>,
) -> Result<HttpResponse, Problem> {
    let basis = basis(query.0.basis.as_deref())?;
    let own = access.run(move |inside| read_cohorts(&inside.app, &inside.member, basis)).await?;
    reply::json(&request, &Cohorts { items: own.into_iter().map(CohortItem::from).collect() }, Cache::Private)
}

/// The basis that a query names.
pub fn basis(asked: Option<&str>) -> Result<Basis, Problem> {
    let refused = |error: UnknownName| Problem::parameter("basis", error.to_string());
    asked.map_or(Ok(Basis::Deployed), |text| text.parse().map_err(refused))
}
