//! `GET /v1/comparisons/trend`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use super::form::{asked, made, respond};
use crate::{
    app::read_trend::{TrendQuery, read_trend},
    domain::{cohort::Cohort, column::Column, comparison::Measure, snapshot::Basis},
    http::{
        answers::{Asked, What},
        extract::{
            access::{Access, ComparisonsRead},
            compared::Reading,
            query::Query,
        },
        problem::Problem,
    },
    report::Representation,
    wire::{TrendAnswer, names},
};

/// The query of a trend.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TrendParameters {
    /// Measure to follow: `overall`, or a tactic, family, technology, threat group or technique with its name, as in
    /// `technique:T1059`. `overall` if omitted.
    #[param(example = "tactic:execution")]
    measure: Option<String>,
    /// Peer group: `all` or one of your cohorts, as `GET /v1/cohorts` lists them. `all` if omitted.
    #[param(example = "sector:finance")]
    cohort: Option<String>,
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
    /// Column that a technique is compared in: `any`, a family or a technology. `any` if omitted.
    #[param(example = "any")]
    column: Option<String>,
    /// Number of the first release. The 24 latest if omitted.
    #[param(value_type = Option<u32>, minimum = 1)]
    from: Option<String>,
    /// Number of the last release. The latest if omitted.
    #[param(value_type = Option<u32>, minimum = 1)]
    to: Option<String>,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

impl TrendParameters {
    fn read(&self) -> Result<(TrendQuery, Option<Representation>), Problem> {
        let mut reading = Reading::default();
        let number = |text: &str| {
            text.parse().ok().filter(|number| *number > 0).ok_or("must be the number of a release")
        };
        let query = TrendQuery {
            measure: reading.take("measure", self.measure.as_ref(), str::parse).unwrap_or(Measure::Overall),
            cohort: reading.take("cohort", self.cohort.as_ref(), str::parse).unwrap_or(Cohort::All),
            basis: reading.take("basis", self.basis.as_ref(), str::parse).unwrap_or(Basis::Deployed),
            column: reading.take("column", self.column.as_ref(), str::parse).unwrap_or(Column::Any),
            from: reading.take("from", self.from.as_ref(), number),
            to: reading.take("to", self.to.as_ref(), number),
        };
        let form = reading.take("format", self.format.as_ref(), str::parse);
        reading.done((query, form))
    }
}

/// Follow a measure over releases
///
/// Returns one point for each release: your value as of the release's cut-off, from the snapshots that counted then and
/// still exist, the peers' published row, your position, and the changes since the point before. `break` says why two points
/// must not be joined.
#[utoipa::path(
    operation_id = "read_trend",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(TrendParameters),
    responses(
        (
            status = 200,
            description = "The measure in each of the releases.",
            content((TrendAnswer = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[get("/v1/comparisons/trend")]
pub async fn read(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<TrendParameters>,
) -> Result<HttpResponse, Problem> {
    let (query, named) = query.0.read()?;
    let form = asked(&request, named);
    let what = What::Of("trend", format!("{query:?} {form}"));
    let name = Asked::of(&request, what, Default::default(), None);
    let work = access.answer(name, move |inside, _| {
        let found = TrendAnswer::from(&read_trend(&inside.app, &inside.member, &query)?);
        made(form, form.write(&found), None, &BTreeMap::new())
    });
    Ok(respond(&request, &*work.await?))
}
