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
};

/// Organisations that one request may clear.
const MOST: usize = 10_000;

/// Something odd about a contribution.
#[derive(Serialize, ToSchema)]
pub struct FindingItem {
    pub organisation: String,
    name: String,
    /// The release at whose cut-off it was found.
    release: u32,
    #[schema(example = "deployed")]
    pub basis: &'static str,
    /// all_equal, all_extreme, jump, copied, or shared, which is only a flag.
    #[schema(example = "all_equal")]
    pub reason: &'static str,
    /// Whether the organisation is set aside for it.
    set_aside: bool,
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

/// Whom to clear.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Clearance {
    /// Ids, 10,000 at most.
    #[schema(value_type = Vec<String>, max_items = 10000)]
    organisations: Vec<OrganisationId>,
}

/// Who was cleared.
#[derive(Serialize, ToSchema)]
struct Cleared {
    /// The named ones of which something had been found.
    #[schema(value_type = Vec<String>)]
    organisations: Vec<OrganisationId>,
}

/// What was found at the last cut-off
///
/// Contributions that stay out of releases until you clear them, and flags. The members themselves see only that they are
/// under review.
#[utoipa::path(
    operation_id = "admin_list_quarantine",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(Page),
    responses((status = 200, description = "A page of findings, by organisation.", body = Paged<FindingItem>)),
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

/// Clear organisations
///
/// They read comparisons again at once and contribute to the next release. The same contribution is not set aside again.
#[utoipa::path(
    operation_id = "admin_clear_quarantine",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    request_body(content = Clearance, content_type = "application/json"),
    responses((status = 200, description = "Who was cleared.", body = Cleared)),
)]
#[post("/v1/admin/quarantine/clear")]
pub async fn clear(operator: Operator, body: Body) -> Result<HttpResponse, Problem> {
    let Clearance { organisations } = body.json().await?;
    if organisations.len() > MOST {
        let detail = format!("at most {MOST} organisations are cleared at once");
        return Err(Problem::invalid([FieldError::at("/organisations", detail)]));
    }
    let cleared =
        operator.run(move |platform| clear_quarantine(&platform.app, &platform.caller, &organisations));
    reply::result(&Cleared { organisations: cleared.await? })
}
