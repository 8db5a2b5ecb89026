//! HEAD answers what GET would, without the body (RFC 9110): the handlers know GET only.

use actix_web::{dev::ServiceRequest, http::Method};

pub fn as_get(request: &mut ServiceRequest) {
    if request.method() == Method::HEAD {
        // The connection remembers that it was HEAD and leaves the body out.
        request.head_mut().method = Method::GET;
    }
}
