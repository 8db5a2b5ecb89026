//! `GET /v1/snapshots`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::list_snapshots::list_snapshots,
    domain::snapshot::SnapshotId,
    http::{
        extract::{
            access::{Access, SnapshotsRead},
            compared::Reading,
            page::{Page, Paged},
            query::Query,
        },
        problem::Problem,
        v1::comparisons::form::{asked, fresh, made},
    },
    wire::{
        names,
        snapshot::{SnapshotPage, SnapshotSummary},
    },
};

/// The query of the snapshots.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SnapshotParameters {
    /// Maximum number of items on the page. 100 if omitted.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 100)]
    limit: Option<String>,
    /// Value of `next` on the previous page.
    cursor: Option<String>,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

/// List snapshots
///
/// Returns your organisation's snapshots without their cells, the newest upload first.
#[utoipa::path(
    operation_id = "list_snapshots",
    tag = "snapshots",
    security(("oauth" = ["snapshots:read"])),
    params(SnapshotParameters),
    responses((
        status = 200,
        description = "A page of your organisation's snapshots.",
        content((SnapshotPage = "application/json"), (String = "text/csv")),
    )),
)]
#[get("/v1/snapshots")]
pub async fn list(
    access: Access<SnapshotsRead>,
    request: HttpRequest,
    query: Query<SnapshotParameters>,
) -> Result<HttpResponse, Problem> {
    let SnapshotParameters { limit, cursor, format } = query.0;
    let page = Page::new(limit, cursor);
    let mut reading = Reading::default();
    let named = reading.take("format", format.as_ref(), str::parse);
    let form = asked(&request, reading.done(named)?);
    let (limit, before) = (page.rows()?, page.after_id::<SnapshotId>()?);
    let found = access.run(move |inside| list_snapshots(&inside.app, &inside.member, before.as_ref(), limit));
    let Paged { items, next } = Paged::of(found.await?, SnapshotSummary::from);
    let page = SnapshotPage { items, next };
    Ok(fresh(&request, made(form, form.write(&page), page.next, &BTreeMap::new())?))
}
