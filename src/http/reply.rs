//! Successful answers: JSON or another representation with a strong ETag, and 304 for who has it already.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::header::{self, AcceptEncoding, Encoding, HeaderValue, IfMatch, IfNoneMatch},
    web::Bytes,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::problem::Problem;
use crate::domain::release::Hash;

/// A moment as answers write it.
pub fn moment(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The permission to keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// Everyone may keep it for a while: it is the same for all and rarely changes.
    Public,
    /// The caller alone, asking each time whether it is still current.
    Private,
    /// Nobody: it holds a secret.
    Never,
}

impl Cache {
    pub fn header(self) -> &'static str {
        match self {
            Self::Public => "public, max-age=300",
            Self::Private => "private, no-cache",
            Self::Never => "no-store",
        }
    }
}

/// The coding of a body that must have none. It keeps the server from putting one on, and callers never see it.
pub const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// The codings that the server may put on a body. Each makes another representation, so each has its own ETag.
const CODINGS: [&str; 3] = ["gzip", "zstd", "deflate"];

/// The strong ETag of a body, quotes included.
pub fn etag(body: &[u8]) -> String {
    format!("\"{:.32}\"", Hash::of(body).to_string())
}

/// The tag of the same body under a content coding.
pub fn coded_etag(tag: &str, coding: &str) -> String {
    tag.strip_suffix('"').map_or_else(|| tag.to_owned(), |start| format!("{start}-{coding}\""))
}

/// Returns true if the caller accepts gzip.
pub fn accepts_gzip(request: &HttpRequest) -> bool {
    let accepted = request.get_header::<AcceptEncoding>();
    let chosen = accepted.and_then(|accepted| accepted.negotiate([Encoding::gzip()].iter()));
    chosen == Some(Encoding::gzip())
}

/// Returns true if a tag names the body under a content coding.
pub fn names_coding(tag: &str, coding: &str) -> bool {
    tag.strip_suffix('"')
        .and_then(|start| start.strip_suffix(coding))
        .is_some_and(|start| start.ends_with('-'))
}

/// The caller's tag that names this body under any coding, if there is one.
pub(super) fn matching(request: &HttpRequest, tag: &str) -> Option<String> {
    let known = match request.get_header::<IfNoneMatch>()? {
        IfNoneMatch::Any => return Some(tag.to_owned()),
        IfNoneMatch::Items(known) => known,
    };
    // Whether it is weak makes no difference to who has it.
    let mut known = known.iter().map(|known| format!("\"{}\"", known.tag()));
    known.find(|known| known == tag || CODINGS.iter().any(|coding| *known == coded_etag(tag, coding)))
}

/// `If-Match`: the state that the caller has read, and in no other wants to change.
#[derive(Debug, Clone)]
pub struct Precondition(Option<IfMatch>);

impl Precondition {
    pub fn of(request: &HttpRequest) -> Self {
        Self(request.get_header::<IfMatch>())
    }

    /// Returns true if a resource is still as the caller has read it, under any coding.
    pub fn holds(&self, resource: &impl Serialize) -> bool {
        let known = match &self.0 {
            None | Some(IfMatch::Any) => return true,
            Some(IfMatch::Items(known)) => known,
        };
        let Ok(body) = serde_json::to_vec(resource) else { return false };
        let tag = etag(&body);
        let names =
            |known: &str| known == tag || CODINGS.iter().any(|coding| known == coded_etag(&tag, coding));
        known.iter().any(|known| !known.weak && names(&format!("\"{}\"", known.tag())))
    }
}

/// The result of a change: the resource as it is now, with its tag.
pub fn changed(value: &impl Serialize) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(value).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::ETAG, etag(&body)))
        .insert_header((header::CACHE_CONTROL, Cache::Private.header()))
        .body(body))
}

/// An answer to a read: 200 with the body, or 304 if the caller's `If-None-Match` names it.
pub fn bytes(
    request: &HttpRequest,
    content_type: &'static str,
    body: impl Into<Bytes>,
    cache: Cache,
) -> HttpResponse {
    let body = body.into();
    let tag = etag(&body);
    tagged(request, content_type, &tag, body, cache)
}

/// An answer to a read whose tag is known without the body.
pub fn tagged(
    request: &HttpRequest,
    content_type: &'static str,
    tag: &str,
    body: Bytes,
    cache: Cache,
) -> HttpResponse {
    if let Some(known) = matching(request, tag) {
        return unchanged(known, cache);
    }
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, header::HeaderValue::from_static(content_type)))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, header::HeaderValue::from_static(cache.header())))
        .body(body)
}

/// 304 for who has the body of this tag.
pub(super) fn unchanged(known: String, cache: Cache) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((header::ETAG, known))
        .insert_header((header::CACHE_CONTROL, cache.header()))
        .finish()
}

/// An answer to a read with a value as JSON.
pub fn json(request: &HttpRequest, value: &impl Serialize, cache: Cache) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(value).map_err(Problem::internal)?;
    Ok(bytes(request, "application/json", body, cache))
}

/// The result of a request that is no read: nobody asks for it twice, so nobody keeps it.
pub fn result(value: &impl Serialize) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec(value).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, Cache::Never.header()))
        .body(body))
}

/// 201 for something new: made where the work is done, sent by the handler.
#[derive(Debug)]
pub struct Created {
    location: String,
    tag: String,
    body: Vec<u8>,
}

impl Created {
    /// `tag` is the entity tag of what is now under `location`.
    pub fn new(location: String, tag: String, value: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self { location, tag, body: serde_json::to_vec(value).map_err(Problem::internal)? })
    }

    /// Makes the answer with the tag of `resource`, which is read at `location`.
    pub fn of(location: String, resource: &impl Serialize, value: &impl Serialize) -> Result<Self, Problem> {
        let tag = etag(&serde_json::to_vec(resource).map_err(Problem::internal)?);
        Self::new(location, tag, value)
    }

    pub fn respond(self, cache: Cache) -> HttpResponse {
        HttpResponse::Created()
            .insert_header((header::LOCATION, self.location))
            .insert_header((header::ETAG, self.tag))
            .insert_header((header::CONTENT_TYPE, "application/json"))
            .insert_header((header::CACHE_CONTROL, cache.header()))
            .body(self.body)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::StatusCode, test::TestRequest};

    use super::*;

    #[test]
    fn a_known_body_is_not_sent_again_whatever_coding_it_came_in() {
        let tag = etag(b"body");
        for known in [
            tag.clone(),
            coded_etag(&tag, "gzip"),
            format!("\"x\", {}", coded_etag(&tag, "zstd")),
            format!("W/{tag}"),
            "*".to_owned(),
        ] {
            let request =
                TestRequest::get().insert_header((header::IF_NONE_MATCH, known.clone())).to_http_request();
            let response = bytes(&request, "text/plain", "body", Cache::Private);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
        }
        let request =
            TestRequest::get().insert_header((header::IF_NONE_MATCH, "\"other\"")).to_http_request();
        let response = bytes(&request, "text/plain", "body", Cache::Private);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers().get(header::ETAG).unwrap().to_str().unwrap(), tag);
    }

    #[test]
    fn a_change_is_made_of_any_state_that_the_caller_names() {
        let tag = etag(&serde_json::to_vec("body").unwrap());
        for (known, holds) in [
            (tag.clone(), true),
            (format!("\"x\", {tag}"), true),
            (format!("{tag},\"x\""), true),
            (format!("\"x\", {}, \"y\"", coded_etag(&tag, "gzip")), true),
            ("*".to_owned(), true),
            ("\"x\", \"y\"".to_owned(), false),
            (format!("W/{tag}"), false),
        ] {
            let request =
                TestRequest::patch().insert_header((header::IF_MATCH, known.clone())).to_http_request();
            assert_eq!(Precondition::of(&request).holds(&"body"), holds, "{known}");
        }
        let lines = TestRequest::patch()
            .append_header((header::IF_MATCH, "\"x\""))
            .append_header((header::IF_MATCH, tag));
        assert!(Precondition::of(&lines.to_http_request()).holds(&"body"), "two lines are one list");
    }
}
