//! Problem documents (RFC 9457): every answer that is no success, the framework's own errors included.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::snapshot;

/// The media type of a problem document.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What can go wrong; each kind has one name, title and status for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    InvalidRequest,
    MalformedBody,
    Unauthenticated,
    InsufficientScope,
    NotVerified,
    NothingContributed,
    UnderReview,
    Suspended,
    Forbidden,
    NotFound,
    NotPublished,
    MethodNotAllowed,
    NotAcceptable,
    Timeout,
    Conflict,
    IdempotencyKeyReused,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    Internal,
    Unavailable,
}

impl Kind {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidRequest => {
                (StatusCode::BAD_REQUEST, "invalid-request", "The request cannot be read")
            }
            Self::MalformedBody => (StatusCode::BAD_REQUEST, "malformed-body", "The body cannot be read"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated", "A valid token is needed"),
            Self::InsufficientScope => {
                (StatusCode::FORBIDDEN, "insufficient-scope", "The token does not allow this")
            }
            Self::NotVerified => {
                (StatusCode::FORBIDDEN, "not-verified", "The organisation does not take part")
            }
            Self::NothingContributed => {
                (StatusCode::FORBIDDEN, "nothing-contributed", "Comparisons are for those who contribute")
            }
            Self::UnderReview => (StatusCode::FORBIDDEN, "under-review", "The organisation is under review"),
            Self::Suspended => (StatusCode::FORBIDDEN, "suspended", "The organisation is suspended"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "This is not allowed"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            Self::NotPublished => (StatusCode::NOT_FOUND, "not-published", "Nothing is published yet"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not possible here")
            }
            Self::NotAcceptable => {
                (StatusCode::NOT_ACCEPTABLE, "not-acceptable", "No acceptable representation exists")
            }
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout", "The request took too long to arrive"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "The present state does not allow this"),
            Self::IdempotencyKeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The idempotency key was used for another request",
            ),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body's form is unknown")
            }
            Self::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The content is not valid"),
            Self::TooManyRequests => {
                (StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "The rate limit is exceeded")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The service failed"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service is not ready"),
        }
    }
}

/// One thing that is wrong in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body; empty for the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/cells/3/technique")]
    pub pointer: Option<String>,
    /// Name of the query parameter or header, where it is not in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong and what is expected.
    pub detail: String,
}

impl FieldError {
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, detail: detail.into() }
    }

    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.into()), detail: detail.into() }
    }
}

impl From<snapshot::FieldError> for FieldError {
    fn from(error: snapshot::FieldError) -> Self {
        Self::at(error.pointer, error.detail)
    }
}

/// A problem document, as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, title = "Problem", description = "A problem document (RFC 9457).")]
pub struct Document<'a> {
    /// `urn:peerbench:problem:<name>`.
    #[serde(rename = "type")]
    #[schema(example = "urn:peerbench:problem:not-found")]
    type_: String,
    title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened and what to do.
    detail: &'a str,
    /// Everything that is wrong with the request's content.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    /// The same as in the header `X-Request-Id`: name it when you ask the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// An answer that is no success. Cheap to make; the body is rendered by the middleware, which knows the request's id.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    headers: HeaderMap,
    /// For the log only.
    cause: Option<String>,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), headers: HeaderMap::new(), cause: None }
    }

    /// Several things wrong with the content, or with parameters.
    #[must_use]
    pub fn with_errors(mut self, errors: impl IntoIterator<Item = impl Into<FieldError>>) -> Self {
        self.errors.extend(errors.into_iter().map(Into::into));
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// A failure of the service. `cause` goes to the log, never to the caller.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let detail = "The service could not do this. Nothing was changed; try again, and tell the operator the request id if it stays.";
        Self { cause: Some(cause.to_string()), ..Self::new(Kind::Internal, detail) }
    }

    /// The service cannot answer now. `cause` goes to the log, never to the caller.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        let problem = Self::new(Kind::Unavailable, "The service cannot answer now; try again shortly.");
        Self { cause: Some(cause.to_string()), ..problem.with_header(header::RETRY_AFTER, "5") }
    }

    /// Nothing by this id, or not for this caller.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("There is no {what} by this name here."))
    }

    /// The content is readable but not valid.
    pub fn invalid(errors: impl IntoIterator<Item = impl Into<FieldError>>) -> Self {
        Self::new(Kind::Invalid, "The content is refused and nothing was stored: see errors.")
            .with_errors(errors)
    }

    /// A query parameter is refused.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidRequest, "A parameter of the request is refused: see errors.")
            .with_errors([FieldError::parameter(name, detail)])
    }

    /// What a status without a body means; for answers that the framework made.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::new(Kind::NotFound, "Nothing is served under this path."),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(Kind::MethodNotAllowed, "The path exists, but not with this method.")
            }
            StatusCode::NOT_ACCEPTABLE => Self::new(
                Kind::NotAcceptable,
                "Accept-Encoding excludes everything: allow identity, gzip or zstd.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(Kind::TooLarge, "The body is larger than this service accepts.")
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(Kind::UnsupportedMediaType, "The body's content type is not one that is read here.")
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::new(Kind::Unavailable, "The service cannot answer now; try again shortly.")
            }
            status if status.is_client_error() => {
                Self::new(Kind::InvalidRequest, "The request cannot be read as HTTP asks for.")
            }
            status => Self::internal(format_args!("the framework answered {status}")),
        }
    }

    /// What is only for the log.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The answer, with the request's id in its body.
    pub fn render(&self, request_id: Option<&str>) -> HttpResponse {
        let (status, name, title) = self.kind.parts();
        let document = Document {
            type_: format!("urn:peerbench:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            request_id,
        };
        let mut response = HttpResponse::build(status);
        for (header, value) in &self.headers {
            response.insert_header((header.clone(), value.clone()));
        }
        response
            .insert_header(("content-type", CONTENT_TYPE))
            .insert_header(("cache-control", "no-store"))
            .body(serde_json::to_vec(&document).unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.parts().1)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.parts().0
    }

    fn error_response(&self) -> HttpResponse {
        self.render(None)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[actix_web::test]
    async fn a_cause_never_reaches_the_caller() {
        let problem = Problem::internal("connection to 10.0.0.7 as peerbench refused");
        let body = to_bytes(problem.render(Some("id-1")).into_body()).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains("10.0.0.7") && text.contains("\"request_id\":\"id-1\""), "{text}");
        assert!(problem.cause().unwrap().contains("10.0.0.7"));
    }

    #[actix_web::test]
    async fn errors_keep_their_pointers() {
        let problem = Problem::invalid([FieldError::at("/cells/0", "wrong")]);
        let response = problem.render(None);
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers().get("content-type").unwrap(), CONTENT_TYPE);
        let body: serde_json::Value =
            serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap();
        assert_eq!(body["type"], "urn:peerbench:problem:invalid");
        assert_eq!(body["errors"], serde_json::json!([{"pointer": "/cells/0", "detail": "wrong"}]));
    }
}
