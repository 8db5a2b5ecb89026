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
    wire::names,
};

/// The query of the cohorts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CohortParameters {
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
}

/// The cohorts of your organisation's profile.
#[derive(Serialize, ToSchema)]
#[schema(as = CohortList)]
struct Cohorts {
    /// The cohorts, coarse to fine.
    items: Vec<CohortItem>,
}

/// A cohort of your organisation's profile.
#[derive(Serialize, ToSchema)]
#[schema(as = Cohort)]
struct CohortItem {
    /// ID of the cohort.
    #[schema(example = "sector:finance")]
    cohort: String,
    /// Status in the latest release.
    #[schema(value_type = names::ReleaseStatus)]
    status: &'static str,
    /// Number of independent members, as a band. Absent if the cohort isn't released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::MemberBand>)]
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

/// List your cohorts
///
/// Returns the cohorts of your organisation's profile with their status and band of members in the latest release.
#[utoipa::path(
    operation_id = "list_cohorts",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(CohortParameters),
    responses(
        (status = 200, description = "Your organisation's cohorts, coarse to fine.", body = Cohorts),
        (status = 404, description = "No release has been published yet."),
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
