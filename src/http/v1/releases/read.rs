//! `GET /v1/releases/{number}`

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::list::ReleaseItem;
use crate::{
    app::read_release::{ReadReleaseError, read_release},
    http::{
        extract::access::{Access, ComparisonsRead},
        problem::Problem,
        reply::{self, Cache},
    },
};

/// A release, with what shows that its tables are those that were published.
#[derive(Serialize, ToSchema)]
struct ReleaseDetail {
    #[serde(flatten)]
    release: ReleaseItem,
    /// A compact JWS of the release's number, cut-off, parameters, catalogue digest and the root of its tables, signed
    /// with a key of `/.well-known/jwks.json`.
    manifest: String,
    /// The tables that the caller may read; none where it takes no part.
    tables: Vec<TableItem>,
}

/// A table and the way from it to the root in the manifest. A leaf is SHA-256 over a zero byte and, each led by its length
/// in eight bytes: the salt, the number in four bytes, the basis, the cohort, the table. A node is SHA-256 over a one byte
/// and its two children.
#[derive(Serialize, ToSchema)]
struct TableItem {
    #[schema(example = "deployed")]
    basis: &'static str,
    #[schema(example = "all")]
    cohort: String,
    /// Where the table's bytes are.
    href: String,
    /// Given to the readers of this table alone.
    salt: String,
    /// Of the leaf, from 0; its bits say on which side each neighbour stands.
    position: u32,
    /// The neighbours, from the leaf up.
    path: Vec<String>,
}

/// One release
///
/// With its signed manifest, and for each table of the own cohorts the proof that it belongs to it:
/// `peerbench release verify` checks both.
#[utoipa::path(
    operation_id = "read_release",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(("number" = u32, Path, description = "The release's number.", minimum = 1)),
    responses((status = 200, description = "The release.", body = ReleaseDetail)),
)]
#[get("/v1/releases/{number}")]
pub async fn read(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    number: web::Path<u32>,
) -> Result<HttpResponse, Problem> {
    let found =
        access.run(move |inside| read_release(&inside.app, &inside.member, number.into_inner())).await?;
    let tables = found.tables.into_iter().map(|(basis, cohort, proof)| TableItem {
        basis: basis.name(),
        href: format!("{}/tables/{cohort}?basis={}", request.path(), basis.name()),
        cohort: cohort.to_string(),
        salt: proof.salt.to_string(),
        position: proof.position,
        path: proof.path.iter().map(ToString::to_string).collect(),
    });
    let detail = ReleaseDetail {
        manifest: found.release.manifest.clone(),
        tables: tables.collect(),
        release: ReleaseItem::from(found.release),
    };
    reply::json(&request, &detail, Cache::Private)
}

impl From<ReadReleaseError> for Problem {
    fn from(error: ReadReleaseError) -> Self {
        match error {
            ReadReleaseError::UnknownRelease => Self::not_found("release"),
            ReadReleaseError::UnknownTable => Self::not_found("table"),
            ReadReleaseError::Comparison(error) => error.into(),
            ReadReleaseError::Store(error) => error.into(),
        }
    }
}
