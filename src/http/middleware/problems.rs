//! Every answer that is no success becomes a problem document: a handler's own problem gets its request id here, and
//! what the framework answered is translated. The causes of failures end here, in the log.

use actix_web::{HttpRequest, HttpResponse, body::BoxBody, dev::ServiceResponse, http::header};

use crate::http::{
    page,
    problem::{CONTENT_TYPE, Problem},
};

pub fn document(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    if let Some(problem) = response.response().error().and_then(|error| error.as_error::<Problem>()) {
        if let Some(cause) = problem.cause() {
            tracing::error!(cause, "failed");
        }
        let rendered = rendered(response.request(), problem, id);
        return response.into_response(rendered);
    }
    // The token endpoint has its own form of error, made on purpose by its handler, and so has the form for signing in.
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|kind| {
        let kinds = [CONTENT_TYPE, "application/json", "text/html"];
        kinds.iter().any(|own| kind.starts_with(own))
    }) {
        return response;
    }
    let problem = Problem::of_status(response.status());
    if let Some(cause) = problem.cause() {
        let error = response.response().error().map(ToString::to_string);
        tracing::error!(cause, error, "failed");
    }
    let rendered = rendered(response.request(), &problem, id);
    response.into_response(rendered)
}

/// A problem in the form that its path has.
pub fn rendered(request: &HttpRequest, problem: &Problem, id: &str) -> HttpResponse {
    if page::paths::is_page(request.path()) {
        page::document(problem, request, id)
    } else {
        problem.render(Some(id))
    }
}
