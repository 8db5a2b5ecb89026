//! `X-Request-Id`: the caller's if it is well-formed, else a new UUIDv7. It is in the answer, the log and every problem.

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web,
};

use crate::http::server::Context;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the running request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// Empty for a request that did not pass the middleware.
    pub fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

fn well_formed(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

pub async fn request_id<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let given =
        request.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(|id| well_formed(id));
    let id = match (given, request.app_data::<web::Data<Context>>()) {
        (Some(id), _) => id.to_owned(),
        (None, Some(context)) => context.app().new_id(),
        (None, None) => String::new(),
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.call(request).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_short_ids_are_taken_over() {
        for id in ["a", "0198f1c2-7b2a-7000-8000-000000000000", "trace_1.2"] {
            assert!(well_formed(id), "{id}");
        }
        for id in ["", "a b", "x\"y", &"a".repeat(65), "ä", "{}"] {
            assert!(!well_formed(id), "{id}");
        }
    }
}
