//! Problem documents (RFC 9457): every answer that is no success, the framework's own errors included.

mod kind;

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

pub use kind::Kind;

use crate::domain::snapshot;

/// The media type of a problem document.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// An error in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body. Empty for the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/cells/3/technique")]
    pub pointer: Option<String>,
    /// Name of the query parameter or header, if the error isn't in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    pub parameter: Option<String>,
    /// Description of the error and of what is expected.
    #[schema(example = "must be a number from 1 to 1000")]
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

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parameter.as_deref().or(self.pointer.as_deref()).filter(|place| !place.is_empty()) {
            Some(place) => write!(f, "{}: {}", place.trim_start_matches('/'), self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

impl From<snapshot::FieldError> for FieldError {
    fn from(error: snapshot::FieldError) -> Self {
        Self::at(error.pointer, error.detail)
    }
}

/// The URI that names the type of a problem.
pub struct ProblemType;

impl PartialSchema for ProblemType {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("URI that names the type of a problem."))
            .enum_values(Some(Kind::ALL.map(Kind::uri)))
            .into()
    }
}

impl ToSchema for ProblemType {}

/// A problem document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, title = "Problem", description = "A problem document (RFC 9457): what went wrong and what to do.")]
pub struct Document<'a> {
    /// Type of the problem. It never changes its meaning.
    #[serde(rename = "type")]
    #[schema(value_type = ProblemType)]
    type_: String,
    /// Short title of the type.
    #[schema(example = "Not found")]
    title: &'a str,
    /// HTTP status of the answer.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// Description of what happened and what to do.
    #[schema(example = "This snapshot doesn't exist or doesn't belong to your organisation.")]
    detail: &'a str,
    /// All errors in the request. Absent if there are none to point at.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [FieldError],
    /// ID of the request, as in the header `X-Request-Id`. Give it to the operator when you ask for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    request_id: Option<&'a str>,
}

/// An error answer. The middleware renders its body, because it knows the request's ID.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    headers: HeaderMap,
    /// The cause, for the log only.
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

    /// Replaces the words for the caller.
    #[must_use]
    pub fn with_detail(mut self, detail: &str) -> Self {
        detail.clone_into(&mut self.detail);
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
        let detail = "The service couldn't complete the request. Nothing was changed. Try again; if it fails again, give the operator the request ID.";
        Self { cause: Some(cause.to_string()), ..Self::new(Kind::Internal, detail) }
    }

    /// The service cannot answer now. `cause` goes to the log, never to the caller.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        let problem =
            Self::new(Kind::Unavailable, "The service can't answer at the moment. Try again shortly.");
        Self { cause: Some(cause.to_string()), ..problem.with_header(header::RETRY_AFTER, "5") }
    }

    /// Too many requests at once, by this caller or by all.
    pub fn busy() -> Self {
        let detail = "The service is busy and did nothing. Try again shortly, with fewer requests at a time.";
        Self::new(Kind::Unavailable, detail).with_header(header::RETRY_AFTER, "2")
    }

    /// Work that isn't done in time and may still be done.
    pub fn late(after: Duration) -> Self {
        let detail = "The service didn't finish this in time, but may still do it. Read the resource, or repeat the request \
                      with the same Idempotency-Key.";
        let problem = Self::new(Kind::Unavailable, detail).with_header(header::RETRY_AFTER, "5");
        Self { cause: Some(format!("the work took longer than {} seconds", after.as_secs())), ..problem }
    }

    /// Nothing by this id, or not for this caller.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            Kind::NotFound,
            format!("This {what} doesn't exist or doesn't belong to your organisation."),
        )
    }

    /// Nothing by this id, which isn't a matter of whose it is.
    pub fn absent(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("This {what} doesn't exist."))
    }

    /// A resource that isn't what the caller has read.
    pub fn stale() -> Self {
        let detail = "The resource has changed since you read the entity tag in If-Match. Read it again.";
        Self::new(Kind::PreconditionFailed, detail)
    }

    /// The content is readable but not valid.
    pub fn invalid(errors: impl IntoIterator<Item = impl Into<FieldError>>) -> Self {
        Self::new(Kind::Invalid, "The content is invalid and nothing was stored. See errors.")
            .with_errors(errors)
    }

    /// A query parameter is refused.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidRequest, "A request parameter is invalid. See errors.")
            .with_errors([FieldError::parameter(name, detail)])
    }

    /// Several query parameters are refused.
    pub fn parameters(errors: impl IntoIterator<Item = FieldError>) -> Self {
        Self::new(Kind::InvalidRequest, "Request parameters are invalid. See errors.").with_errors(errors)
    }

    /// Translates an answer of the framework, which has a status and no body.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => {
                Self::new(Kind::NotFound, "No operation has this path. See /docs/ for those that exist.")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(Kind::MethodNotAllowed, "This path doesn't support the method.")
            }
            StatusCode::NOT_ACCEPTABLE => Self::new(
                Kind::NotAcceptable,
                "Accept-Encoding allows none of the available codings. Allow identity, gzip or zstd.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(Kind::TooLarge, "The body is larger than this service accepts.")
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(Kind::UnsupportedMediaType, "The service doesn't read bodies of this media type.")
            }
            StatusCode::SERVICE_UNAVAILABLE => Self::unavailable("the framework answered 503"),
            status if status.is_client_error() => {
                Self::new(Kind::InvalidRequest, "The request isn't valid HTTP.")
            }
            status => Self::internal(format_args!("the framework answered {status}")),
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The cause, for the log only.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The answer, with the request's id in its body.
    pub fn render(&self, request_id: Option<&str>) -> HttpResponse {
        let status = self.kind.status();
        let document = Document {
            type_: self.kind.uri(),
            title: self.kind.title(),
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
        f.write_str(self.kind.name())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
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
