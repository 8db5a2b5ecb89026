//! `GET /v1/comparisons/summary`

use actix_web::{HttpRequest, HttpResponse, get, post};

use super::{ids::TechniqueIds, query::SummaryParameters};
use crate::{
    app::read_comparison::read_summary,
    http::{
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead},
            body::Body,
            query::Query,
        },
        problem::Problem,
        reply,
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
    params(SummaryParameters),
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
    let coding = Coding::of(&request);
    let name = Asked { what: What::Summary, query: asked.query, release: asked.release, coding };
    let answer = access.answer(name, move |inside, asked| {
        let summary = read_summary(&inside.app, &inside.member, &asked.query, asked.release)?;
        let body = serde_json::to_vec(&ComparisonSummary::from(&summary)).map_err(Problem::internal)?;
        Ok(Made { content_type: "application/json", body, next: None })
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
    params(SummaryParameters),
    request_body(content = TechniqueIds, content_type = "application/json"),
    responses(
        (status = 200, description = "The comparison on one page.", body = ComparisonSummary),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[post("/v1/comparisons/summary")]
pub async fn summary_of_set(
    access: Access<ComparisonsRead>,
    query: Query<SummaryParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let mut asked = query.0.read()?;
    let body = body.receive_json().await?;
    let work = access.run(move |inside| {
        let ids: TechniqueIds = body.json()?;
        ids.restrict(&mut asked.query)?;
        let found = read_summary(&inside.app, &inside.member, &asked.query, asked.release);
        found.map(|found| ComparisonSummary::from(&found)).map_err(|error| ids.pointed(error))
    });
    reply::result(&work.await?)
}
