//! Answers with a page in them, each with the headers that keep it from doing anything else.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use askama::Template;

use crate::http::{
    extract::{
        access::{Inside, Platform, Required},
        visit::{OperatorVisit, Visit, filled},
    },
    problem::Problem,
    sessions::Session,
};

/// The page may load its stylesheet, its script and its icon, post to itself, and do nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
const HTML: &str = "text/html; charset=utf-8";

/// An answer with a page in it, which no cache keeps.
pub fn html(template: &impl Template) -> Result<HttpResponse, Problem> {
    let text = template.render().map_err(Problem::internal)?;
    Ok(with_headers(&mut HttpResponse::Ok()).body(text))
}

/// A view, which depends on its address, the organisation and the scopes alone.
pub async fn view<S: Required, V: Template>(
    visit: Visit<S>,
    make: impl FnOnce(&Inside, &Session) -> Result<V, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    Ok(page(StatusCode::OK, visit.kept_text(move |inside, session| text(&make(inside, session)?)).await?))
}

/// The outcome of a form, or of a view that shows something of its session.
pub enum Outcome<V> {
    /// The address to go on to.
    See(String),
    Show(StatusCode, V),
}

/// Answers with what comes of some work.
pub async fn outcome<S: Required, V: Template>(
    visit: Visit<S>,
    work: impl FnOnce(&Inside, &Session) -> Result<Outcome<V>, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let session = visit.session();
    let done = visit.run(move |inside, session| {
        Ok(match work(inside, session)? {
            Outcome::See(address) => Outcome::See(address),
            Outcome::Show(status, view) => Outcome::Show(status, text(&view)?),
        })
    });
    Ok(match done.await? {
        Outcome::See(address) => see(&address),
        Outcome::Show(status, text) => page(status, filled(text.as_bytes(), &session)),
    })
}

/// A view that shows something of its session.
pub async fn fresh<S: Required, V: Template>(
    visit: Visit<S>,
    make: impl FnOnce(&Inside, &Session) -> Result<V, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    outcome(visit, move |inside, session| Ok(Outcome::Show(StatusCode::OK, make(inside, session)?))).await
}

/// A view of the operator.
pub async fn operators<S: Required, V: Template>(
    visit: OperatorVisit<S>,
    make: impl FnOnce(&Platform, &Session) -> Result<V, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    Ok(page(StatusCode::OK, visit.text(move |platform, session| text(&make(platform, session)?)).await?))
}

fn text(template: &impl Template) -> Result<String, Problem> {
    template.render().map_err(Problem::internal)
}

fn page(status: StatusCode, text: String) -> HttpResponse {
    with_headers(&mut HttpResponse::build(status)).body(text)
}

/// Sends the browser on to another address of the page.
pub fn see(location: &str) -> HttpResponse {
    with_headers(HttpResponse::SeeOther().insert_header((header::LOCATION, location))).finish()
}

/// Sets the headers of every page.
pub fn with_headers(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((header::CONTENT_TYPE, HTML))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::PERMISSIONS_POLICY, PERMISSIONS))
        .insert_header((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
}
