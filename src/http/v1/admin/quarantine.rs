//! `GET /v1/admin/quarantine` and `POST /v1/admin/quarantine/clear`

use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::quarantine::{clear_quarantine, list_quarantine},
    domain::organisation::OrganisationId,
    http::{
        extract::{
            access::Operator,
            body::Body,
            page::{Page, Paged},
            query::Query,
        },
        problem::{FieldError, Problem},
        reply::{self, Cache, moment},
    },
    store::quarantine::Found,
    wire::names,
};

/// Organisations that one request may clear.
const MOST: usize = 10_000;

/// A finding about a contribution.
#[derive(Serialize, ToSchema)]
#[schema(as = QuarantineFinding)]
pub struct FindingItem {
    /// ID of the organisation.
    #[schema(example = "01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    pub organisation: String,
    /// Display name of the organisation.
    #[schema(example = "Example Bank")]
    name: String,
    /// Number of the release at whose cut-off it was found.
    #[schema(example = 2)]
    release: u32,
    /// Basis of the contribution.
    #[schema(value_type = names::BenchmarkedBasis)]
    pub basis: &'static str,
    /// Reason for the finding.
    #[schema(value_type = names::QuarantineReason)]
    pub reason: &'static str,
    /// True if the contribution is quarantined; false if it is only flagged.
    set_aside: bool,
    /// Time of the finding.
    #[schema(format = DateTime)]
    found_at: String,
}

impl From<Found> for FindingItem {
    fn from(found: Found) -> Self {
        let finding = found.finding;
        Self {
            organisation: finding.organisation.to_string(),
            name: found.organisation_name,
            release: found.release,
            basis: finding.basis.name(),
            reason: finding.reason.name(),
            set_aside: finding.reason.sets_aside(),
            found_at: moment(found.at),
        }
    }
}

/// The quarantined organisations to clear.
#[derive(Deserialize, ToSchema)]
#[schema(as = QuarantineClearance)]
#[serde(deny_unknown_fields)]
struct Clearance {
    /// IDs of at most 10,000 organisations.
    #[schema(value_type = Vec<String>, max_items = 10000)]
    organisations: Vec<OrganisationId>,
}

/// The organisations that were cleared.
#[derive(Serialize, ToSchema)]
#[schema(as = ClearedOrganisations)]
struct Cleared {
    /// IDs of the requested organisations that had a finding.
    #[schema(value_type = Vec<String>)]
    organisations: Vec<OrganisationId>,
}

/// List quarantined contributions
///
/// Returns the contributions that stay out of releases until you clear them, and those that are only flagged. Members see
/// only that they are under review.
#[utoipa::path(
    operation_id = "admin_list_quarantine",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(Page),
    responses((status = 200, description = "A page of findings by organisation.", body = Paged<FindingItem>)),
)]
#[get("/v1/admin/quarantine")]
pub async fn list(
    operator: Operator,
    request: HttpRequest,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let found = operator.run(|platform| list_quarantine(&platform.app)).await?;
    let key = |item: &FindingItem| format!("{} {} {}", item.organisation, item.basis, item.reason);
    reply::json(&request, &page.0.of(found.into_iter().map(FindingItem::from), key)?, Cache::Private)
}

/// Clear quarantined organisations
///
/// Cleared organisations read comparisons again immediately and contribute to the next release. The same contribution isn't
/// quarantined again.
#[utoipa::path(
    operation_id = "admin_clear_quarantine",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    request_body(content = Clearance, content_type = "application/json"),
    responses((status = 200, description = "The organisations that were cleared.", body = Cleared)),
)]
#[post("/v1/admin/quarantine/clear")]
pub async fn clear(operator: Operator, body: Body) -> Result<HttpResponse, Problem> {
    let body = body.receive_json().await?;
    let cleared = operator.run(move |platform| {
        let Clearance { organisations } = body.json()?;
        if organisations.len() > MOST {
            let detail = format!("must have at most {MOST} organisations");
            return Err(Problem::invalid([FieldError::at("/organisations", detail)]));
        }
        Ok(clear_quarantine(&platform.app, &platform.caller, &organisations)?)
    });
    reply::result(&Cleared { organisations: cleared.await? })
}
