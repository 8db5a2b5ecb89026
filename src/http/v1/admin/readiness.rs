//! `GET /v1/admin/readiness`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::readiness::{CohortReadiness, ReadinessError, Reminder, Why, WriterReadiness, readiness},
    domain::release::Reason,
    http::{
        extract::{access::Observer, page::Page, query::Query},
        failures::chain,
        problem::Problem,
        reply::{self, Cache, moment},
        v1::cohorts::list::basis,
    },
    wire::names,
};

/// The query of the readiness.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReadinessParameters {
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
    /// Maximum number of members on the page. 100 if omitted.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 100)]
    limit: Option<String>,
    /// Value of `next` on the previous page.
    cursor: Option<String>,
}

/// The readiness for the next release.
#[derive(Serialize, ToSchema)]
struct ReadinessReport {
    /// Number of the next release.
    #[schema(example = 2)]
    release: u32,
    /// Earliest time at which it is due. Absent before the first upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    due_at: Option<String>,
    /// Number of independent control groups that a cohort needs.
    #[schema(example = 20)]
    needed: u32,
    /// Cohorts that have contributors, coarse to fine, and `all`.
    cohorts: Vec<CohortReadinessItem>,
    /// Members to remind, as somebody can do something about each.
    remind: Vec<ReminderItem>,
    /// Untrusted writers that upload for so many members that they can keep numbers from changing.
    writers: Vec<WriterItem>,
    /// Cursor of the next page of members. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A writer, which uploads for several members.
#[derive(Serialize, ToSchema)]
#[schema(as = WriterReadiness)]
struct WriterItem {
    /// Name of the writer, as declared for its organisations.
    #[schema(example = "Example Integrator")]
    name: String,
    /// Number of independent control groups that contribute through it.
    #[schema(example = 5)]
    contributors: u32,
}

impl From<WriterReadiness> for WriterItem {
    fn from(of: WriterReadiness) -> Self {
        Self { name: of.name, contributors: of.groups }
    }
}

/// The readiness of a cohort for the next release.
#[derive(Serialize, ToSchema)]
#[schema(as = CohortReadiness)]
struct CohortReadinessItem {
    /// ID of the cohort.
    #[schema(example = "sector:finance")]
    cohort: String,
    /// Number of control groups that contribute.
    #[schema(example = 17)]
    contributors: u32,
    /// Number of control groups that are missing until the cohort can be released.
    #[schema(example = 3)]
    missing: u32,
    /// Rule by which a first release of today's members would still not publish the cohort.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::WithheldReason>)]
    withheld: Option<&'static str>,
}

impl From<ReadinessError> for Problem {
    fn from(error: ReadinessError) -> Self {
        match error {
            ReadinessError::Store(error) => error.into(),
            ReadinessError::Layout(_) | ReadinessError::Rules(_) => Self::internal(chain(&error)),
        }
    }
}

/// A member to remind, and the reason.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberReminder)]
struct ReminderItem {
    /// ID of the organisation.
    #[schema(example = "01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    organisation: String,
    /// Display name of the organisation.
    #[schema(example = "Example Bank")]
    name: String,
    /// Reason for the reminder.
    #[schema(value_type = names::ReminderReason)]
    why: &'static str,
    /// Month of the latest snapshot, if it is or soon will be too old.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11")]
    period: Option<String>,
}

impl From<CohortReadiness> for CohortReadinessItem {
    fn from(of: CohortReadiness) -> Self {
        let withheld = of.withheld.map(Reason::name);
        Self { cohort: of.cohort.to_string(), contributors: of.groups, missing: of.missing, withheld }
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

/// Read the readiness for the next release
///
/// Returns the current contributors per cohort, how many are missing until each can be released, why a cohort that has enough
/// would still be withheld, and the members to remind. Even a cohort with enough contributors doesn't get each of its cells
/// released: the rules on differences decide that.
#[utoipa::path(
    operation_id = "admin_readiness",
    tag = "admin",
    security(("oauth" = ["platform:read"])),
    params(ReadinessParameters),
    responses((status = 200, description = "The readiness for the next release.", body = ReadinessReport)),
)]
#[get("/v1/admin/readiness")]
pub async fn read(
    operator: Observer,
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
        writers: found.writers.into_iter().map(WriterItem::from).collect(),
        next: remind.next,
    };
    reply::json(&request, &report, Cache::Private)
}
