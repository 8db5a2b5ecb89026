//! `POST /v1/comparisons/what-if`

use actix_web::{HttpRequest, HttpResponse, post};

use super::query::{RowsAsked, SummaryParameters};
use crate::{
    app::{
        check_snapshot::{CheckSnapshotError, check_snapshot},
        compare::what_if::{Asked as AskedChanges, AskedAddition, MOST_SNAPSHOTS},
        read_comparison::read_what_if,
    },
    domain::release::Hash,
    http::{
        answers::{Asked, Coding, Made, What},
        extract::{
            access::{Access, ComparisonsRead, Inside},
            body::Body,
            compared::Compared,
            json,
            query::Query,
        },
        problem::{FieldError, Problem},
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
    params(SummaryParameters, Compared),
    request_body(content = Request, content_type = "application/json"),
    responses(
        (status = 200, description = "The comparison before and after.", body = WhatIf),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[post("/v1/comparisons/what-if")]
pub async fn what_if(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<SummaryParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let RowsAsked { query, release, .. } = query.0.read()?;
    if query.set.is_some() {
        return Err(Problem::parameter("set", "isn't a parameter of this operation"));
    }
    let (body, coding) = (body.receive_large().await?, Coding::of(&request));
    let read = move |_: &Inside| {
        let body = body.decode()?;
        // Snapshots may be large: their hash stands for them.
        let what = What::Of("what_if", Hash::of(&body).to_string());
        Ok((Asked { what, query, release, coding }, body))
    };
    let answer = access.answer_body(read, |inside, asked, body| {
        let changes = changes(json::parse(&body)?, inside)?;
        let found = read_what_if(&inside.app, &inside.member, &asked.query, asked.release, &changes)?;
        Made::json(&WhatIf::from(&found)).map_err(Problem::internal)
    });
    Ok(answer.await?.once())
}

/// Reads the snapshots; the rest is checked against the release.
fn changes(request: Request, inside: &Inside) -> Result<AskedChanges, Problem> {
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
    Ok(AskedChanges { add, remove_technology, add_technology, snapshots: read })
}
