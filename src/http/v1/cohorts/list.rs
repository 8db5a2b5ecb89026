//! `GET /v1/cohorts`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::read_comparison::read_cohorts,
    domain::{named::UnknownName, snapshot::Basis},
    http::{
        extract::{
            access::{Access, ComparisonsRead},
            compared::Reading,
            query::Query,
        },
        problem::Problem,
        v1::comparisons::form::{asked, fresh, made},
    },
    wire::{cohort::CohortList, names},
};

/// The query of the cohorts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CohortParameters {
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
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
        (
            status = 200,
            description = "Your organisation's cohorts, coarse to fine.",
            content((CohortList = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet."),
    ),
)]
#[get("/v1/cohorts")]
pub async fn list(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<CohortParameters>,
) -> Result<HttpResponse, Problem> {
    let CohortParameters { basis, format } = query.0;
    let mut reading = Reading::default();
    let basis = reading.take("basis", basis.as_ref(), str::parse).unwrap_or(Basis::Deployed);
    let named = reading.take("format", format.as_ref(), str::parse);
    let (basis, named) = reading.done((basis, named))?;
    let form = asked(&request, named);
    let own = access.run(move |inside| read_cohorts(&inside.app, &inside.member, basis)).await?;
    let list = form.write(&CohortList::from(&own));
    Ok(fresh(&request, made(form, list, None, &BTreeMap::new())?))
}

/// The basis that a query names.
pub fn basis(asked: Option<&str>) -> Result<Basis, Problem> {
    let refused = |error: UnknownName| Problem::parameter("basis", error.to_string());
    asked.map_or(Ok(Basis::Deployed), |text| text.parse().map_err(refused))
}
