//! `GET /v1/admin/readiness`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::readiness::{CohortReadiness, Reminder, Why, readiness},
    http::{
        extract::{access::Operator, page::Page, query::Query},
        problem::Problem,
        reply::{self, Cache, moment},
        v1::cohorts::list::basis,
    },
};

/// Which statistics, and which part of the members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReadinessParameters {
    /// The kind of evidence: `deployed` (if not said) or `validated`.
    #[param(example = "deployed")]
    basis: Option<String>,
    /// Members at most, 100 if not said.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 100)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// How far the next release is.
#[derive(Serialize, ToSchema)]
struct ReadinessReport {
    /// The number of the next release.
    release: u32,
    /// When it is due at the earliest; left out before the first upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    due_at: Option<String>,
    /// Independent control groups that a cohort needs.
    needed: u32,
    /// Those that anybody contributes to, coarse to fine, and `all`.
    cohorts: Vec<CohortReadinessItem>,
    /// Members to remind.
    remind: Vec<ReminderItem>,
    /// The cursor of the next page of members; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// One cohort.
#[derive(Serialize, ToSchema)]
struct CohortReadinessItem {
    #[schema(example = "sector:finance")]
    cohort: String,
    /// Control groups that contribute.
    contributors: u32,
    /// Control groups that have to join before it can be released.
    missing: u32,
}

/// A member to remind.
#[derive(Serialize, ToSchema)]
struct ReminderItem {
    organisation: String,
    name: String,
    /// not_verified, never_uploaded, stale, soon_stale or under_review.
    #[schema(example = "stale")]
    why: &'static str,
    /// The month of its latest snapshot, where that is or soon will be too old.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11")]
    period: Option<String>,
}

impl From<CohortReadiness> for CohortReadinessItem {
    fn from(of: CohortReadiness) -> Self {
        Self { cohort: of.cohort.to_string(), contributors: of.groups, missing: of.missing }
    }
}

impl From<Reminder> for ReminderItem {
    fn from(reminder: Reminder) -> Self {
        let period = match reminder.why {
            Why::Stale(period) | Why::SoonStale(period) => Some(period.to_string()),
            Why::NotVerified | Why::NeverUploaded | Why::UnderReview => None,
        };
        Self {
            organisation: reminder.organisation.to_string(),
            name: reminder.name,
            why: reminder.why.name(),
            period,
        }
    }
}

/// How far the next release is
///
/// Contributors per cohort as of now, what is missing until it can be released, and whom to remind. That a cohort has
/// enough contributors does not yet release each of its cells: the rules on differences decide that.
#[utoipa::path(
    operation_id = "admin_readiness",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(ReadinessParameters),
    responses((status = 200, description = "The state of one basis.", body = ReadinessReport)),
)]
#[get("/v1/admin/readiness")]
pub async fn read(
    operator: Operator,
    request: HttpRequest,
    query: Query<ReadinessParameters>,
) -> Result<HttpResponse, Problem> {
    let ReadinessParameters { basis: asked, limit, cursor } = query.0;
    let (basis, page) = (basis(asked.as_deref())?, Page::new(limit, cursor));
    let found = operator.run(move |platform| readiness(&platform.app, basis)).await?;
    let remind =
        page.of(found.remind.into_iter().map(ReminderItem::from), |item| item.organisation.clone())?;
    let report = ReadinessReport {
        release: found.release,
        due_at: found.due_at.map(moment),
        needed: found.needed,
        cohorts: found.cohorts.into_iter().map(CohortReadinessItem::from).collect(),
        remind: remind.items,
        next: remind.next,
    };
    reply::json(&request, &report, Cache::Private)
}
