//! `X-Request-Id`: the caller's if it is well-formed, else a new UUIDv7. It is in the answer, the log and every problem.

use actix_web::{
    dev::ServiceRequest,
    http::header::{HeaderName, HeaderValue},
};

use crate::app::App;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

fn well_formed(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// The id of a request, as it is answered.
pub fn of(request: &ServiceRequest, app: &App) -> HeaderValue {
    let given = request.headers().get(HEADER);
    match given.filter(|value| value.to_str().is_ok_and(well_formed)) {
        Some(value) => value.clone(),
        None => HeaderValue::try_from(app.new_id()).unwrap_or_else(|_| HeaderValue::from_static("")),
    }
}

/// The request's ID as text.
pub fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
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
