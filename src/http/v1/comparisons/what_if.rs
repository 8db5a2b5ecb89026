//! `POST /v1/comparisons/what-if`

use actix_web::{HttpResponse, post};

use super::query::SummaryParameters;
use crate::{
    app::{
        check_snapshot::{CheckSnapshotError, check_snapshot},
        compare::what_if::{Asked, AskedAddition, MOST_SNAPSHOTS},
        read_comparison::read_what_if,
    },
    http::{
        extract::{
            access::{Access, ComparisonsRead, Inside},
            body::Body,
            query::Query,
        },
        problem::{FieldError, Problem},
        reply,
    },
    wire::what_if::{Request, WhatIf},
};

/// Compare before and after changes
///
/// Returns how your comparison would change with more rules, other technologies or whole snapshots. Your peers' values stay
/// the same. Nothing of the changes is kept.
#[utoipa::path(
    operation_id = "compare_what_if",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(SummaryParameters),
    request_body(content = Request, content_type = "application/json"),
    responses(
        (status = 200, description = "The comparison before and after.", body = WhatIf),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[post("/v1/comparisons/what-if")]
pub async fn what_if(
    access: Access<ComparisonsRead>,
    query: Query<SummaryParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let asked = query.0.read()?;
    if asked.query.set.is_some() {
        return Err(Problem::parameter("set", "isn't a parameter of this operation"));
    }
    let body = body.receive_large().await?;
    let found = access.run(move |inside| {
        let changes = changes(body.json()?, inside)?;
        let found = read_what_if(&inside.app, &inside.member, &asked.query, asked.release, &changes)?;
        Ok::<_, Problem>(WhatIf::from(&found))
    });
    reply::result(&found.await?)
}

/// Reads the snapshots; the rest is checked against the release.
fn changes(request: Request, inside: &Inside) -> Result<Asked, Problem> {
    let Request { add, remove_technology, add_technology, snapshots } = request;
    if snapshots.len() > MOST_SNAPSHOTS {
        let detail = format!("holds {} snapshots; at most {MOST_SNAPSHOTS} are allowed", snapshots.len());
        return Err(Problem::invalid([FieldError::at("/snapshots", detail)]));
    }
    let (mut read, mut errors) = (Vec::with_capacity(snapshots.len()), Vec::new());
    for (at, snapshot) in snapshots.iter().enumerate() {
        match check_snapshot(&inside.app, snapshot.to_string().as_bytes()) {
            Ok(checked) => read.push(checked.snapshot),
            Err(CheckSnapshotError::Invalid(found)) => errors.extend(
                found
                    .into_iter()
                    .map(|error| FieldError::at(format!("/snapshots/{at}{}", error.pointer), error.detail)),
            ),
            Err(error) => return Err(Problem::internal(error)),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let addition = |added: crate::wire::what_if::AddedRules| AskedAddition {
        technique: added.technique,
        technology: added.technology,
        count: added.count,
    };
    let add = add.into_iter().map(addition).collect();
    Ok(Asked { add, remove_technology, add_technology, snapshots: read })
}
