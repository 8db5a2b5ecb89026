//! One span and one line per request: method, route template, status, duration, request id. Never a path with ids in it,
//! a query, a header, a body or an address.

use std::time::Duration;

use actix_web::{dev::ServiceRequest, http::StatusCode};
use tracing::{Span, field::Empty};

use crate::http::metrics::method_label;

/// The span of a request; whoever learns the client says it there.
pub fn span(request: &ServiceRequest, id: &str, route: &str) -> Span {
    tracing::info_span!("request", request_id = %id, method = method_label(request.method()), route = %route, client = Empty)
}

/// The line of a request.
pub fn answered(span: &Span, status: StatusCode, took: Duration) {
    span.in_scope(|| tracing::info!(status = status.as_u16(), millis = took.as_millis(), "answered"));
}
