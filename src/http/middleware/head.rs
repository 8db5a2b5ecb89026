//! HEAD answers what GET would, without the body (RFC 9110): the handlers know GET only.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
};

pub async fn head<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if request.method() == Method::HEAD {
        // The connection remembers that it was HEAD and leaves the body out.
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}
