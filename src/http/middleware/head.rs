//! HEAD answers what GET would, without the body (RFC 9110): the handlers know GET only.

use actix_web::{HttpMessage as _, dev::ServiceRequest, http::Method};

/// Marks a request that came as HEAD, for what a look must not use up.
pub struct WasHead;

pub fn as_get(request: &mut ServiceRequest) {
    if request.method() == Method::HEAD {
        // The connection remembers that it was HEAD and leaves the body out.
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(WasHead);
    }
}
