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
};

/// Something that was done.
#[derive(Serialize, ToSchema)]
struct AuditItem {
    id: String,
    #[schema(format = DateTime)]
    at: String,
    /// The client that did it; `console` is the operator at the command line.
    actor: String,
    #[schema(example = "snapshot.uploaded")]
    action: &'static str,
    /// The id of what it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
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

/// The own audit log
///
/// Newest first.
#[utoipa::path(
    operation_id = "read_audit",
    tag = "organisation",
    security(("oauth" = ["organisation:admin"])),
    params(Page),
    responses((status = 200, description = "A page of the log.", body = Paged<AuditItem>)),
)]
#[get("/v1/organisation/audit")]
pub async fn audit(
    access: Access<OrganisationAdmin>,
    request: HttpRequest,
    page: Query<Page>,
) -> Result<HttpResponse, Problem> {
    let (limit, before) = (page.0.rows()?, page.0.after()?);
    let found =
        access.run(move |inside| read_audit(&inside.app, inside.member.tenant(), before.as_deref(), limit));
    reply::json(&request, &Paged::of(found.await?, AuditItem::from), Cache::Private)
}
