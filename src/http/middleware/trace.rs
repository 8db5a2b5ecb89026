//! One span and one line per request: method, route template, status, duration, request id. Never a path with ids in it,
//! a query, a header, a body or an address.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::RootSpanBuilder;

use super::{figures::route, request_id::RequestId};

/// Names the span of a request.
#[derive(Debug)]
pub struct Spans;

/// When a request began.
struct Began(Instant);

impl RootSpanBuilder for Spans {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request.extensions_mut().insert(Began(Instant::now()));
        tracing::info_span!(
            "request",
            request_id = %RequestId::of(request.request()),
            method = %request.method(),
            route = %route(request),
            client = Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let (status, millis) = match outcome {
            Ok(response) => {
                let extensions = response.request().extensions();
                let millis = extensions.get::<Began>().map_or(0, |began| began.0.elapsed().as_millis());
                (response.status().as_u16(), millis)
            }
            Err(error) => (error.as_response_error().status_code().as_u16(), 0),
        };
        span.in_scope(|| tracing::info!(status, millis, "answered"));
    }
}
