//! The form of a list: JSON or CSV, as the query or `Accept` says. A table has no place for the next page and for what the
//! list leaves out, so these are in headers.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, http::header};

use crate::{
    domain::comparison::Word,
    http::{
        accept::preferred,
        answers::{Answer, Made},
        problem::Problem,
        reply::{self, Cache},
    },
    report::{Representation, WriteError},
};

/// The form that a query names, else the one that `Accept` prefers, else JSON.
pub fn asked(request: &HttpRequest, named: Option<Representation>) -> Representation {
    named.unwrap_or_else(|| {
        let preferred = preferred(request, &Representation::ALL.map(Representation::content_type));
        let form = Representation::ALL.into_iter().find(|form| Some(form.content_type()) == preferred);
        form.unwrap_or(Representation::Json)
    })
}

/// A list in its form. `hidden` is the number of rows that it leaves out, by their word of coverage.
pub fn made(
    form: Representation,
    body: Result<Vec<u8>, WriteError>,
    next: Option<String>,
    hidden: &BTreeMap<Word, u32>,
) -> Result<Made, Problem> {
    let mut made = Made::new(form.content_type(), body.map_err(Problem::internal)?);
    made.next = next.filter(|_| form == Representation::Csv);
    if form == Representation::Csv && !hidden.is_empty() {
        let counts: Vec<String> = hidden.iter().map(|(word, count)| format!("{word}={count}")).collect();
        made.hidden = Some(counts.join(", "));
    }
    Ok(made)
}

/// Sends a kept answer.
pub fn respond(request: &HttpRequest, answer: &Answer) -> HttpResponse {
    in_form(request, answer.next.as_ref(), answer.respond(request))
}

/// Sends the answer to a question that came in a body.
pub fn respond_once(request: &HttpRequest, answer: &Answer) -> HttpResponse {
    in_form(request, answer.next.as_ref(), answer.once())
}

/// Sends an answer that isn't kept.
pub fn fresh(request: &HttpRequest, made: Made) -> HttpResponse {
    let response = reply::bytes(request, made.content_type, made.body, Cache::Private);
    in_form(request, made.next.as_ref(), response)
}

fn in_form(request: &HttpRequest, next: Option<&String>, mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    // What is answered depends on `Accept`, which caches must know.
    headers.append(header::VARY, header::HeaderValue::from_static("accept"));
    if let Some(link) = next.and_then(|next| following(request, next).parse().ok()) {
        headers.insert(header::LINK, link);
    }
    response
}

/// The link of the next page (RFC 8288).
fn following(request: &HttpRequest, next: &str) -> String {
    let others =
        form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "cursor");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("cursor", next)
        .finish();
    format!("<{}?{query}>; rel=\"next\"", request.path())
}
