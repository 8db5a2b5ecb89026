//! Every answer that is no success becomes a problem document: a handler's own problem gets its request id here, and
//! what the framework answered is translated. The causes of failures end here, in the log.

use actix_web::{body::BoxBody, dev::ServiceResponse, http::header};

use crate::http::problem::{CONTENT_TYPE, Problem};

pub fn document(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    if let Some(problem) = response.response().error().and_then(|error| error.as_error::<Problem>()) {
        if let Some(cause) = problem.cause() {
            tracing::error!(cause, "failed");
        }
        let rendered = problem.render(Some(id));
        return response.into_response(rendered);
    }
    // The token endpoint has its own form of error, made on purpose by its handler.
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|kind| kind.starts_with(CONTENT_TYPE) || kind.starts_with("application/json"))
    {
        return response;
    }
    let problem = Problem::of_status(response.status());
    if let Some(cause) = problem.cause() {
        let error = response.response().error().map(ToString::to_string);
        tracing::error!(cause, error, "failed");
    }
    response.into_response(problem.render(Some(id)))
}
