//! `GET /v1/organisation/audit`

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::read_audit::read_audit,
    domain::audit::Entry,
    http::{
        extract::{
            access::{Access, OrganisationAdmin},
            page::{Page, Paged},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache, moment},
    },
    wire::names,
};

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct AuditItem {
    /// ID of the entry.
    #[schema(example = "01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    id: String,
    /// Time of the action.
    #[schema(format = DateTime)]
    at: String,
    /// ID of the client that acted; `console` is the operator at the command line.
    #[schema(example = "01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    actor: String,
    /// Action that was taken.
    #[schema(value_type = names::AuditAction)]
    action: &'static str,
    /// ID of the object that the action concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "01a20bd7-6820-7085-91c7-d703078d34cd")]
    object: Option<String>,
}

impl From<Entry> for AuditItem {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            at: moment(entry.at),
            actor: entry.actor.to_string(),
            action: entry.action.name(),
            object: entry.object,
        }
    }
}

/// Read the audit log
///
/// Returns your organisation's audit log, the newest entry first.
#[utoipa::path(
    operation_id = "read_audit",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(Page),
    responses((status = 200, description = "A page of the audit log.", body = Paged<AuditItem>)),
)]
#[get("/v1/organisation/audit")]
pub async fn audit(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let (limit, before) = (page.0.rows()?, page.0.after_id::<String>()?);
    let found =
        access.run(move |inside| read_audit(&inside.app, inside.member.tenant(), before.as_deref(), limit));
    reply::json(&request, &Paged::of(found.await?, AuditItem::from), Cache::Private)
}
