//! Every answer that is no success becomes a problem document: a handler's own problem gets its request id here, and
//! what the framework answered is translated. The causes of failures end here, in the log.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
};

use super::request_id::RequestId;
use crate::http::problem::{CONTENT_TYPE, Problem};

pub async fn problems<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return Ok(response.map_into_boxed_body());
    }
    let id = RequestId::of(response.request());
    if let Some(problem) = response.response().error().and_then(|error| error.as_error::<Problem>()) {
        if let Some(cause) = problem.cause() {
            tracing::error!(cause, "failed");
        }
        let rendered = problem.render(Some(&id));
        return Ok(response.into_response(rendered));
    }
    // The token endpoint has its own form of error, made on purpose by its handler.
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|kind| kind.starts_with(CONTENT_TYPE) || kind.starts_with("application/json"))
    {
        return Ok(response.map_into_boxed_body());
    }
    let problem = Problem::of_status(response.status());
    if let Some(cause) = problem.cause() {
        let error = response.response().error().map(ToString::to_string);
        tracing::error!(cause, error, "failed");
    }
    Ok(response.into_response(problem.render(Some(&id))))
}
