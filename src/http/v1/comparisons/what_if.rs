//! `POST /v1/comparisons/what-if`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    form::{asked as form_of, made, respond_once},
    query::{ListParameters, RowsAsked},
};
use crate::{
    app::{
        check_snapshot::{CheckSnapshotError, check_snapshot},
        compare::what_if::{Asked as AskedChanges, AskedAddition, MOST_SNAPSHOTS},
        read_comparison::read_what_if,
    },
    domain::release::Hash,
    http::{
        answers::{Asked, Coding, What},
        extract::{
            access::{Access, ComparisonsRead, Inside},
            body::Body,
            compared::{Compared, Reading},
            json,
            query::Query,
        },
        problem::{FieldError, Problem},
    },
    wire::{
        names,
        what_if::{Request, WhatIf},
    },
};

/// The query of a comparison before and after changes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct WhatIfParameters {
    #[serde(flatten)]
    #[param(ignore)]
    compared: Compared,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

/// Compare before and after changes
///
/// Returns how your comparison would change with more rules, other technologies or whole snapshots. Your peers' values stay
/// the same. Nothing of the changes is kept.
#[utoipa::path(
    operation_id = "compare_what_if",
    tag = "comparisons",
    security(("oauth" = ["comparisons:read"])),
    params(WhatIfParameters, Compared),
    request_body(content = Request, content_type = "application/json"),
    responses(
        (
            status = 200,
            description = "The comparison before and after.",
            content((WhatIf = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[post("/v1/comparisons/what-if")]
pub async fn what_if(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<WhatIfParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let WhatIfParameters { compared, format } = query.0;
    let mut reading = Reading::default();
    let named = reading.take("format", format.as_ref(), str::parse);
    let named = reading.done(named)?;
    let form = form_of(&request, named);
    let RowsAsked { query, release, .. } = ListParameters::of(compared).read()?;
    let (body, coding) = (body.receive_large().await?, Coding::of(&request));
    let read = move |_: &Inside| {
        let body = body.decode()?;
        // Snapshots may be large: their hash stands for them.
        let what = What::Of("what_if", format!("{form} {}", Hash::of(&body)));
        Ok((Asked { what, query, release, coding }, body))
    };
    let answer = access.answer_body(read, move |inside, asked, body| {
        let changes = changes(json::parse(&body)?, inside)?;
        let found = read_what_if(&inside.app, &inside.member, &asked.query, asked.release, &changes)?;
        made(form, form.write(&WhatIf::from(&found)), None, &BTreeMap::new())
    });
    Ok(respond_once(&request, &*answer.await?))
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
                    .errors
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
