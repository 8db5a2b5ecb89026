//! `GET /v1/releases/{number}/tables/{cohort}` and the operator's door to the same tables.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::read_release::{read_any_table, read_table},
    domain::{cohort::Cohort, snapshot::Basis},
    http::{
        extract::{
            access::{Access, ComparisonsRead, Operator},
            query::Query,
        },
        problem::Problem,
        reply::{self, Cache},
        v1::cohorts::list::basis,
    },
};

/// Which statistics.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TableParameters {
    /// The kind of evidence: `deployed` (if not said) or `validated`.
    #[param(example = "deployed")]
    basis: Option<String>,
}

type Named = web::Path<(u32, String)>;

/// What cannot be a table is absent, like what is nobody's or somebody else's.
fn named(path: Named, query: &TableParameters) -> Result<(u32, Basis, Cohort), Problem> {
    let (number, cohort) = path.into_inner();
    let cohort = cohort.parse().map_err(|_| Problem::not_found("table"))?;
    Ok((number, basis(query.basis.as_deref())?, cohort))
}

/// A table of a release
///
/// All published numbers of one of the own cohorts, byte by byte as they were sealed: for `peerbench release verify`, and for
/// who wants a table whole.
///
/// `members` is the cohort's band of control groups. `overall` is a row; `tactics`, `families`, `groups` and `technologies`
/// hold rows by name, `techniques` by technique and column, `cells` by technique and technology. What is not there is not
/// released. A row is a list: its band, the release since which it is unchanged, and what is shown: `few`, `half` or
/// `under-half`; or one quantile (p50), three (p25, p50, p75) or five (p10, p25, p50, p75, p90), each a number, or a text at
/// a coded end: `<=10`, `>=90`.
#[utoipa::path(
    operation_id = "read_release_table",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(
        ("number" = u32, Path, description = "The release's number.", minimum = 1),
        ("cohort" = String, Path, description = "One of the own cohorts.", example = "all"),
        TableParameters,
    ),
    responses((status = 200, description = "The table.", body = Object, content_type = "application/json")),
)]
#[get("/v1/releases/{number}/tables/{cohort}")]
pub async fn read(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    path: Named,
    query: Query<TableParameters>,
) -> Result<HttpResponse, Problem> {
    let (number, basis, cohort) = named(path, &query.0)?;
    let table =
        access.run(move |inside| read_table(&inside.app, &inside.member, number, basis, &cohort)).await?;
    Ok(reply::bytes(&request, "application/json", table, Cache::Private))
}

/// Any table of a release
///
/// What the members of a cohort can read at `/v1/releases/{number}/tables/{cohort}`, in the same form.
#[utoipa::path(
    operation_id = "admin_read_table",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(
        ("number" = u32, Path, description = "The release's number.", minimum = 1),
        ("cohort" = String, Path, description = "A cohort.", example = "sector:finance"),
        TableParameters,
    ),
    responses((status = 200, description = "The table.", body = Object, content_type = "application/json")),
)]
#[get("/v1/admin/releases/{number}/tables/{cohort}")]
pub async fn admin_read(
    operator: Operator,
    request: HttpRequest,
    path: Named,
    query: Query<TableParameters>,
) -> Result<HttpResponse, Problem> {
    let (number, basis, cohort) = named(path, &query.0)?;
    let table = operator.run(move |platform| read_any_table(&platform.app, number, basis, &cohort)).await?;
    Ok(reply::bytes(&request, "application/json", table, Cache::Private))
}
