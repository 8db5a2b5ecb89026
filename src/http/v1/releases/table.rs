//! `GET /v1/releases/{number}/tables/{cohort}` and the operator's door to the same tables.

use actix_web::{HttpRequest, HttpResponse, get, web};
use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::SchemaType},
};

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
    wire::names,
};

/// The query of a table.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TableParameters {
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
}

/// All published numbers of one cohort. What isn't in it isn't released.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes bytes that are sent as they were signed")]
struct ReleaseTable {
    /// Number of independent members of the cohort, as a band.
    members: names::MemberBand,
    /// Share of all applicable techniques that are covered.
    overall: Option<TableRow>,
    /// Rows by short name of the tactic.
    tactics: Option<BTreeMap<String, TableRow>>,
    /// Rows by name of the family.
    families: Option<BTreeMap<String, TableRow>>,
    /// Rows by ID of the threat group.
    groups: Option<BTreeMap<String, TableRow>>,
    /// Rows by ID of the technology.
    technologies: Option<BTreeMap<String, TableRow>>,
    /// Rows by ID of the technique, then by column.
    techniques: Option<BTreeMap<String, BTreeMap<String, TableRow>>>,
    /// Rows by ID of the technique, then by ID of the technology.
    cells: Option<BTreeMap<String, BTreeMap<String, TableRow>>>,
}

/// A row of a table.
struct TableRow;

impl PartialSchema for TableRow {
    fn schema() -> RefOr<Schema> {
        let about = "Row of a table: the text `few`, or a list of its band of members, the release since which it is unchanged, \
                     and what is shown. That is a word (`half`, `under-half`), or one quantile (p50), three (p25, p50, p75) or five \
                     (p10, p25, p50, p75, p90). A quantile is a number, or a text at a coded end such as `<=10` or `>=90`.";
        ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(about)).into()
    }
}

impl ToSchema for TableRow {}

type Named = web::Path<(u32, String)>;

/// Reads the path and the query. A name that no table can have is answered like a table that doesn't exist.
fn named(path: Named, query: &TableParameters) -> Result<(u32, Basis, Cohort), Problem> {
    let (number, cohort) = path.into_inner();
    let cohort = cohort.parse().map_err(|_| Problem::not_found("table"))?;
    Ok((number, basis(query.basis.as_deref())?, cohort))
}

/// Read a table of a release
///
/// Returns all published numbers of one of your cohorts, byte by byte as they were signed. Use it with
/// `peerbench release verify`, or to read a whole table at once.
#[utoipa::path(
    operation_id = "read_release_table",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(
        ("number" = u32, Path, description = "Number of the release.", minimum = 1),
        ("cohort" = String, Path, description = "One of your cohorts, as `GET /v1/cohorts` lists them.", example = "all"),
        TableParameters,
    ),
    responses((status = 200, description = "The table as it was signed.", body = ReleaseTable)),
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

/// Read any table of a release
///
/// Returns to the operator what the members of a cohort read at `/v1/releases/{number}/tables/{cohort}`.
#[utoipa::path(
    operation_id = "admin_read_table",
    tag = "admin",
    security(("oauth" = ["platform:admin"])),
    params(
        ("number" = u32, Path, description = "Number of the release.", minimum = 1),
        ("cohort" = String, Path, description = "Cohort whose table is read.", example = "sector:finance"),
        TableParameters,
    ),
    responses((status = 200, description = "The table as it was signed.", body = ReleaseTable)),
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
