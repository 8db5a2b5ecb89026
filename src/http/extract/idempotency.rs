//! `Idempotency-Key`: a repeated POST with the same key does nothing twice and answers the same.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::http::problem::{FieldError, Kind, Problem};

const HEADER: &str = "idempotency-key";

/// The key of a request, if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = request.headers().get(HEADER) else { return ready(Ok(Self(None))) };
        let key = value.to_str().ok().filter(|key| (1..=200).contains(&key.len()));
        ready(match key {
            Some(key) if key.bytes().all(|b| b.is_ascii_graphic()) => Ok(Self(Some(key.to_owned()))),
            _ => Err(Problem::new(Kind::InvalidRequest, "A request header is invalid. See errors.")
                .with_errors([FieldError::parameter(
                    "Idempotency-Key",
                    "must be 1 to 200 visible ASCII characters",
                )])),
        })
    }
}
