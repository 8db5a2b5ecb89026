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
    wire::names,
};

/// A release with its signed manifest and the proofs of the tables that you may read.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedRelease)]
struct ReleaseDetail {
    #[serde(flatten)]
    release: ReleaseItem,
    /// Compact JWS over the release's number, cut-off, parameters, catalogue digest and Merkle root of its tables, signed
    /// with a key of `/.well-known/jwks.json`.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.eyJudW1iZXIiOjJ9.c2lnbmF0dXJl")]
    manifest: String,
    /// Scales that enough members use to be named.
    #[schema(value_type = Vec<names::ScaleName>)]
    scales: Vec<&'static str>,
    /// ATT&CK version of the youngest snapshot, if techniques that came later are left out of all sets. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "18.1")]
    named_in: Option<String>,
    /// Tables that you may read. Empty if your organisation doesn't contribute.
    tables: Vec<TableItem>,
}

/// A table and its Merkle proof. A leaf is SHA-256 over a zero byte and, each preceded by its length in eight bytes, the
/// salt, the number in four bytes, the basis, the cohort and the table. A node is SHA-256 over a one byte and its two
/// children.
#[derive(Serialize, ToSchema)]
#[schema(as = TableProof)]
struct TableItem {
    /// Basis of the table.
    #[schema(value_type = names::BenchmarkedBasis)]
    basis: &'static str,
    /// Cohort of the table.
    #[schema(example = "all")]
    cohort: String,
    /// Address of the table.
    #[schema(example = "/v1/releases/2/tables/all?basis=deployed")]
    href: String,
    /// Salt of the table in hexadecimal. Only readers of the table get it.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    salt: String,
    /// Position of the leaf, counted from 0. Its bits tell on which side each neighbour is.
    #[schema(example = 3)]
    position: u32,
    /// Hashes of the neighbours in hexadecimal, from the leaf up.
    path: Vec<String>,
}

/// Read a release
///
/// Returns a release with its signed manifest and, for each table of your cohorts, the proof that the table belongs to it.
/// `peerbench release verify` checks both.
#[utoipa::path(
    operation_id = "read_release",
    tag = "releases",
    security(("oauth" = ["comparisons:read"])),
    params(("number" = u32, Path, description = "Number of the release.", minimum = 1)),
    responses((status = 200, description = "The release with its manifest and proofs.", body = ReleaseDetail)),
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
        scales: found.terms.scales.iter().map(|scale| scale.name()).collect(),
        named_in: found.terms.named_in.map(|version| version.to_string()),
        manifest: found.release.manifest.clone(),
        tables: tables.collect(),
        release: ReleaseItem::from(found.release),
    };
    reply::json(&request, &detail, Cache::Private)
}

impl From<ReadReleaseError> for Problem {
    fn from(error: ReadReleaseError) -> Self {
        match error {
            ReadReleaseError::UnknownRelease => Self::absent("release"),
            ReadReleaseError::UnknownTable => Self::not_found("table"),
            ReadReleaseError::Comparison(error) => error.into(),
            ReadReleaseError::Unreadable(error) => Self::internal(error),
            ReadReleaseError::Store(error) => error.into(),
        }
    }
}
