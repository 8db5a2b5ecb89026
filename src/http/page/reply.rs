//! Answers with a page in them, each with the headers that keep it from doing anything else.

use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use askama::Template;

use crate::http::problem::Problem;

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
