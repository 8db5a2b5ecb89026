//! `GET /v1/comparisons/fewest-changes`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    form::{asked as form_of, made, respond},
    query::ListParameters,
};
use crate::{
    app::read_comparison::read_fewest_changes,
    domain::comparison::{Measure, Target},
    http::{
        answers::{Asked, What},
        extract::{
            access::{Access, ComparisonsRead},
            compared::{Compared, Reading},
            query::Query,
        },
        problem::Problem,
    },
    wire::{names, what_if::FewestChanges},
};

/// The query of the fewest changes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FewestParameters {
    /// Measure to raise: `overall`, `tactic:execution`, `family:identity`, `technology:okta.identity`, `group:G0016` or
    /// `technique:T1059`. `overall` if omitted.
    #[param(example = "tactic:initial-access")]
    measure: Option<String>,
    /// Value to reach: your peers' median `p50` or upper quartile `p75`, or a number. `p50` if omitted.
    #[param(example = "p50")]
    target: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    compared: Compared,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

/// Find the fewest changes that reach a target
///
/// Returns the fewest techniques to cover, or rules to add, so that a measure reaches your peers' median, their upper quartile
/// or a number: by priority, and through technologies that you have.
#[utoipa::path(
    operation_id = "compare_fewest_changes",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(FewestParameters, Compared),
    responses(
        (
            status = 200,
            description = "The changes in the order in which to make them.",
            content((FewestChanges = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[get("/v1/comparisons/fewest-changes")]
pub async fn fewest_changes(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<FewestParameters>,
) -> Result<HttpResponse, Problem> {
    let FewestParameters { measure, target, compared, format } = query.0;
    let mut reading = Reading::default();
    let measure = reading.take("measure", measure.as_ref(), str::parse).unwrap_or(Measure::Overall);
    let target = reading.take("target", target.as_ref(), str::parse).unwrap_or(Target::P50);
    let named = reading.take("format", format.as_ref(), str::parse);
    let (measure, target, named) = reading.done((measure, target, named))?;
    let form = form_of(&request, named);
    let asked = ListParameters::of(compared).read()?;
    let what = What::Of("fewest_changes", format!("{form} {target} {measure}"));
    let name = Asked::of(&request, what, asked.query, asked.release);
    let answer = access.answer(name, move |inside, asked| {
        let found = read_fewest_changes(
            &inside.app,
            &inside.member,
            &asked.query,
            asked.release,
            (&measure, target),
        )?;
        made(form, form.write(&FewestChanges::from(&found)), None, &BTreeMap::new())
    });
    Ok(respond(&request, &*answer.await?))
}
