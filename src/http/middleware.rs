//! The layer that every request passes through: its id, the trace, the metrics, HEAD, the security headers, the rate
//! limit, what the caller accepts, problem documents and ETags per coding. Each is a function or two in a file of its own; compression is the
//! framework's and lies within.

pub mod acceptable;
pub mod coded_etag;
pub mod head;
pub mod in_parts;
pub mod problems;
pub mod rate_limit;
pub mod request_id;
pub mod security_headers;
pub mod trace;

use std::time::Instant;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use tracing::Instrument as _;

use super::{context::Context, metrics, route_table::Row};

/// The whole way of a request, from its id to its answer with every header.
pub async fn around<B: MessageBody + 'static>(
    context: web::Data<Context>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let id = request_id::of(&request, &context.app);
    let row = context.table.row(request.path());
    let route = metrics::Route::of(&request, row.map(|row| (row.path(), row.handles())));
    let span = trace::span(&request, request_id::text(&id), route.name());
    head::as_get(&mut request);
    let answer = answer(&context, row, request_id::text(&id), request, next);
    let mut outcome = answer.instrument(span.clone()).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let took = began.elapsed();
    trace::answered(&span, status, took);
    route.count(status, took);
    if let Ok(response) = &mut outcome {
        response.headers_mut().insert(request_id::HEADER, id);
    }
    outcome
}

/// The part of the way that lies within the span.
async fn answer<B: MessageBody + 'static>(
    context: &Context,
    row: Option<&Row>,
    id: &str,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = match rate_limit::check(context, row, &request) {
        Err(problem) => {
            let rendered = problems::rendered(request.request(), &problem, id);
            request.into_response(rendered)
        }
        Ok(()) => {
            let mut response = match acceptable::check(row, &request) {
                Err(problem) => request.error_response(problem),
                Ok(()) => next.call(request).await?.map_into_boxed_body(),
            };
            coded_etag::name_coding(response.headers_mut());
            let mut response = problems::document(response, id);
            rate_limit::say(&mut response);
            in_parts(context, response, id)
        }
    };
    coded_etag::vary(response.headers_mut());
    security_headers::set(response.headers_mut());
    Ok(response)
}

/// Sends a large answer in parts, or says that too many are under way.
fn in_parts(context: &Context, response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    match in_parts::share(&response, &context.load, |request| context.rate_limits.payer(request)) {
        Ok(None) => response,
        Ok(Some(share)) => in_parts::send(response, share),
        Err(problem) => {
            let rendered = problems::rendered(response.request(), &problem, id);
            response.into_response(rendered)
        }
    }
}
