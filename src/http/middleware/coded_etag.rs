//! A strong ETag names bytes, and a compressed body has other bytes: the coding's name is put behind the tag.

use actix_web::http::header::{self, HeaderMap, HeaderValue};

use crate::http::reply;

/// Says that the coding depends on what the caller accepts, whether a coding was put on or not: a cache must not give one
/// caller's to another.
pub fn vary(headers: &mut HeaderMap) {
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_ascii_lowercase();
    if !headers.get_all(header::VARY).any(|value| text(value).contains("accept-encoding")) {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// Puts the coding behind the tag, if that does not name it yet.
pub fn name_coding(headers: &mut HeaderMap) {
    if headers.get(header::CONTENT_ENCODING) == Some(&reply::IDENTITY) {
        headers.remove(header::CONTENT_ENCODING);
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let (Some(coding), Some(tag)) = (text(header::CONTENT_ENCODING), text(header::ETAG))
        && !reply::names_coding(tag, coding)
        && let Ok(coded) = HeaderValue::from_str(&reply::coded_etag(tag, coding))
    {
        headers.insert(header::ETAG, coded);
    }
}
