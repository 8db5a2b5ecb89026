//! The rate limits on the way of a request: whom no handler counts is counted here, and the answers say what is left
//! (`RateLimit`, `RateLimit-Policy`).

use actix_web::{
    HttpMessage as _,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::HeaderValue,
};

use crate::http::{context::Context, page, problem::Problem, rate_limits::Standing, route_table::Row};

/// Counts a request by address where no handler takes a caller (where one does, its extractor counts). Health is asked by
/// machines that must get an answer; the token endpoint counts failures apart from successes.
pub fn check(context: &Context, row: Option<&Row>, request: &ServiceRequest) -> Result<(), Problem> {
    if row.is_some_and(|row| row.is_secured(request.method()))
        || page::paths::takes_session(request.path())
        || context.uncounted.iter().any(|path| path == request.path())
    {
        return Ok(());
    }
    context.rate_limits.address(request.request())
}

/// Writes what is left into the headers.
pub fn say(response: &mut ServiceResponse<BoxBody>) {
    let standing = response.request().extensions().get::<Standing>().copied();
    for (name, value) in standing.iter().flat_map(Standing::headers) {
        if let Ok(value) = HeaderValue::from_str(&value)
            && !response.headers().contains_key(&name)
        {
            response.headers_mut().insert(name, value);
        }
    }
}
