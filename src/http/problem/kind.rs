//! The types of problem: for each its name, HTTP status, title, and the detail that the API document shows as an example.

use actix_web::http::StatusCode;

macro_rules! kinds {
    ($($kind:ident($status:ident, $name:literal, $title:literal, $example:literal)),+ $(,)?) => {
        /// A type of problem. Its name, title and status never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($kind),+ }

        impl Kind {
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$kind),+];

            /// The last part of the URI that names the type.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }

            pub fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status),+ }
            }

            pub fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),+ }
            }

            /// A detail as a caller may read it, for the API document.
            pub fn example(self) -> &'static str {
                match self { $(Self::$kind => $example),+ }
            }
        }
    };
}

kinds! {
    InvalidRequest(BAD_REQUEST, "invalid-request", "Invalid request",
        "A request parameter is invalid. See errors."),
    MalformedBody(BAD_REQUEST, "malformed-body", "Malformed body",
        "The body isn't valid JSON at line 1, column 12."),
    Unauthenticated(UNAUTHORIZED, "unauthenticated", "Authentication required",
        "The token has expired. Request a new one."),
    InsufficientScope(FORBIDDEN, "insufficient-scope", "Insufficient scope",
        "This operation requires a token with the scope comparisons:read."),
    NotVerified(FORBIDDEN, "not-verified", "Organisation not verified",
        "Your organisation hasn't been verified by the operator yet."),
    NothingContributed(FORBIDDEN, "nothing-contributed", "Contribution required",
        "Upload a snapshot first: comparisons are available to organisations that contribute."),
    UnderReview(FORBIDDEN, "under-review", "Organisation under review",
        "Your organisation's contribution is under review. Ask the operator of the service."),
    Suspended(FORBIDDEN, "suspended", "Organisation suspended",
        "Your organisation is suspended. Ask the operator of the service."),
    Forbidden(FORBIDDEN, "forbidden", "Forbidden",
        "This operation requires a client of an organisation. Clients of the operator belong to none."),
    NotFound(NOT_FOUND, "not-found", "Not found",
        "This snapshot doesn't exist or doesn't belong to your organisation."),
    NotPublished(NOT_FOUND, "not-published", "No release published",
        "No release has been published yet."),
    MethodNotAllowed(METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed",
        "Use GET, HEAD on this path."),
    NotAcceptable(NOT_ACCEPTABLE, "not-acceptable", "Not acceptable",
        "Accept allows none of the available media types. Accept application/json or text/csv."),
    Timeout(REQUEST_TIMEOUT, "timeout", "Request timeout",
        "The body didn't arrive within a minute. Send it again over a faster connection."),
    Conflict(CONFLICT, "conflict", "Conflict",
        "The next release is due on 2026-12-24."),
    QuotaExceeded(CONFLICT, "quota-exceeded", "Quota exceeded",
        "Your organisation keeps 2000 snapshots, which is the most: withdraw old ones first."),
    PreconditionFailed(PRECONDITION_FAILED, "precondition-failed", "Precondition failed",
        "The resource has changed since you read the entity tag in If-Match. Read it again."),
    IdempotencyKeyReused(UNPROCESSABLE_ENTITY, "idempotency-key-reused", "Idempotency key reused",
        "This Idempotency-Key was sent with a different request. Use a new key for each new request."),
    TooLarge(PAYLOAD_TOO_LARGE, "too-large", "Body too large",
        "The body is larger than the limit of 4194304 bytes."),
    UnsupportedMediaType(UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type",
        "The body must be JSON. Send it with Content-Type: application/json."),
    Invalid(UNPROCESSABLE_ENTITY, "invalid", "Invalid content",
        "The content is invalid and nothing was stored. See errors."),
    TooManyRequests(TOO_MANY_REQUESTS, "too-many-requests", "Too many requests",
        "The limit is 600 requests a minute. Try again in 12 seconds."),
    Internal(INTERNAL_SERVER_ERROR, "internal", "Internal error",
        "The service couldn't complete the request. Nothing was changed. Try again; if it fails again, give the operator the request ID."),
    Unavailable(SERVICE_UNAVAILABLE, "unavailable", "Service unavailable",
        "The service can't answer at the moment. Try again shortly."),
}

impl Kind {
    /// The URI that names the type in a problem document.
    pub fn uri(self) -> String {
        format!("urn:peerbench:problem:{}", self.name())
    }
}
