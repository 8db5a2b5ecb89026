//! `GET /v1/comparisons/summary`

use actix_web::{HttpRequest, HttpResponse, get};

use super::query::SummaryParameters;
use crate::{
    app::{
        compare::CompareError,
        entitlement::NotEntitled,
        read_comparison::{ReadComparisonError, read_summary},
    },
    http::{
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead},
            query::Query,
        },
        failures::{chain, sentence},
        problem::{Kind, Problem},
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

impl From<ReadComparisonError> for Problem {
    fn from(error: ReadComparisonError) -> Self {
        let detail = sentence(&error);
        match error {
            ReadComparisonError::NotEntitled(NotEntitled::NotVerified) => {
                Self::new(Kind::NotVerified, detail)
            }
            ReadComparisonError::NotEntitled(NotEntitled::NothingContributed { .. }) => {
                Self::new(Kind::NothingContributed, detail)
            }
            ReadComparisonError::NotEntitled(NotEntitled::UnderReview) => {
                Self::new(Kind::UnderReview, detail)
            }
            ReadComparisonError::NotEntitled(NotEntitled::Store(error)) => error.into(),
            ReadComparisonError::NotPublished => Self::new(Kind::NotPublished, detail),
            ReadComparisonError::UnknownRelease => Self::not_found("release"),
            ReadComparisonError::Compare(error) => error.into(),
            ReadComparisonError::Store(error) => error.into(),
            ReadComparisonError::Facts(_) | ReadComparisonError::Unreadable(_) => {
                Self::internal(chain(&error))
            }
        }
    }
}

impl From<CompareError> for Problem {
    fn from(error: CompareError) -> Self {
        let parameter = match &error {
            // A foreign cohort is absent, like everything that is somebody else's.
            CompareError::ForeignCohort => {
                return Self::new(Kind::NotFound, sentence(&error));
            }
            CompareError::NotBenchmarked(_) => "basis",
            CompareError::UnknownTechnology => "technology",
            CompareError::UnknownTactic { .. } => "tactic",
            CompareError::UnknownTechnique(_) | CompareError::Measure(_) => "measure",
            CompareError::Range { .. } => "from",
            CompareError::Group(_) => "group",
            CompareError::StaleCursor(_) => "cursor",
        };
        Self::parameter(parameter, error.to_string())
    }
}
