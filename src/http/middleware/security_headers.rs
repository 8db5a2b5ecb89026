//! Headers that keep a browser from doing more with an answer than it should.

use actix_web::http::header::{self, HeaderMap, HeaderValue};

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
/// Data is never a document that runs anything.
const DATA: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// A page loads what this service serves, and nothing else.
const PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
);

pub fn set(headers: &mut HeaderMap) {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let page = ["text/html", "text/javascript", "application/javascript", "text/css"];
    let policy = if page.iter().any(|kind| content_type.starts_with(kind)) { PAGE } else { DATA };
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}
