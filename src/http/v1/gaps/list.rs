//! `GET /v1/gaps`

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::read_gaps::read_gap_book,
    http::{
        answers::{Asked, What},
        extract::{
            access::{Access, ComparisonsRead},
            compared::{Compared, Reading},
            query::Query,
        },
        problem::Problem,
        v1::comparisons::{
            form::{asked as form_of, made, respond},
            query::ListParameters,
        },
    },
    wire::{gap::Book, names},
};

/// The query of the book.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BookParameters {
    /// Peer group whose median closes gaps: `all` or one of your cohorts, as `GET /v1/cohorts` lists them. `all` if omitted.
    #[param(example = "sector:finance")]
    cohort: Option<String>,
    /// Kind of evidence. `deployed` if omitted.
    #[param(value_type = Option<names::BenchmarkedBasis>)]
    basis: Option<String>,
    /// Format of the answer. `Accept` decides if omitted.
    #[param(value_type = Option<names::ListFormat>)]
    format: Option<String>,
}

/// Read your book of gaps
///
/// Returns what you decided about gaps, and what has become of it. A gap closes by itself when an upload reaches your peers'
/// median or the level `full`, and reopens when a later one falls back. Nobody else sees your book.
#[utoipa::path(
    operation_id = "list_gap_book",
    tag = "gaps",
    security(("oauth" = ["comparisons:read"])),
    params(BookParameters),
    responses(
        (
            status = 200,
            description = "Your decisions, sorted by technique ID.",
            content((Book = "application/json"), (String = "text/csv")),
        ),
        (status = 404, description = "No release has been published yet, or the cohort isn't one of yours."),
    ),
)]
#[get("/v1/gaps")]
pub async fn list(
    access: Access<ComparisonsRead>,
    request: HttpRequest,
    query: Query<BookParameters>,
) -> Result<HttpResponse, Problem> {
    let BookParameters { cohort, basis, format } = query.0;
    let mut reading = Reading::default();
    let named = reading.take("format", format.as_ref(), str::parse);
    let named = reading.done(named)?;
    let form = form_of(&request, named);
    let asked = ListParameters::of(Compared { cohort, basis, release: None }).read()?;
    let name = Asked::of(&request, What::Of("gap_book", form.to_string()), asked.query, None);
    let answer = access.answer(name, move |inside, asked| {
        let book = read_gap_book(&inside.app, &inside.member, &asked.query)?;
        made(form, form.write(&Book::from(&book)), None, &BTreeMap::new())
    });
    Ok(respond(&request, &*answer.await?))
}
