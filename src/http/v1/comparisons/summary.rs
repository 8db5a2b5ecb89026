//! `GET /v1/comparisons/summary`

use actix_web::{HttpRequest, HttpResponse, get, post};

use super::{
    ids::TechniqueIds,
    query::{RowsAsked, SummaryParameters},
};
use crate::{
    app::read_comparison::read_summary,
    http::{
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead, Inside},
            body::Body,
            compared::Compared,
            query::Query,
        },
        problem::Problem,
    },
    wire::ComparisonSummary,
};

/// Compare your organisation with its peers
///
/// Returns your position overall, per tactic and per technology, and the ten techniques furthest behind the peers' median.
/// Your values are current; peer values are from the selected release.
#[utoipa::path(
    operation_id = "compare_summary",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(SummaryParameters, Compared),
    responses(
        (status = 200, description = "The comparison on one page.", body = ComparisonSummary),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[get("/v1/comparisons/summary")]
pub async fn summary(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<SummaryParameters>,
) -> Result<HttpResponse, Problem> {
    let asked = query.0.read()?;
    let name = Asked::of(&request, What::Summary, asked.query, asked.release);
    let answer = access.answer(name, move |inside, asked| {
        let summary = read_summary(&inside.app, &inside.member, &asked.query, asked.release)?;
        Made::json(&ComparisonSummary::from(&summary)).map_err(Problem::internal)
    });
    Ok(answer.await?.respond(&request))
}

/// Compare a set of techniques with your peers
///
/// Returns the comparison on one page, with the gaps and the counts of the techniques in the body.
#[utoipa::path(
    operation_id = "compare_summary_of_set",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(SummaryParameters, Compared),
    request_body(content = TechniqueIds, content_type = "application/json"),
    responses(
        (status = 200, description = "The comparison on one page.", body = ComparisonSummary),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[post("/v1/comparisons/summary")]
pub async fn summary_of_set(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<SummaryParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let RowsAsked { mut query, release, .. } = query.0.read()?;
    let (body, coding) = (body.receive_json().await?, Coding::of(&request));
    let read = move |_: &Inside| {
        let ids: TechniqueIds = body.json()?;
        ids.restrict(&mut query)?;
        Ok((Asked { what: What::Summary, query, release, coding }, ids))
    };
    let answer = access.answer_body(read, move |inside, asked, ids| {
        let found = read_summary(&inside.app, &inside.member, &asked.query, asked.release);
        let found = found.map_err(|error| ids.pointed(error))?;
        Made::json(&ComparisonSummary::from(&found)).map_err(Problem::internal)
    });
    Ok(answer.await?.once())
}
