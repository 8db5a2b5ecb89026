//! `Authorization`, read by type.

use std::iter;

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderValue},
};
use headers::{
    Authorization, Header as _,
    authorization::{Basic, Bearer, Credentials},
};

/// The token of a request that sends one.
pub fn bearer(request: &HttpRequest) -> Option<Bearer> {
    read(request.headers().get(header::AUTHORIZATION)?)
}

/// The header as it was sent.
pub fn sent(request: &HttpRequest) -> Option<HeaderValue> {
    request.headers().get(header::AUTHORIZATION).cloned()
}

/// Id and secret of a client that sends them as HTTP Basic.
pub fn basic(authorization: &HeaderValue) -> Option<Basic> {
    read(authorization)
}

fn read<C: Credentials>(value: &HeaderValue) -> Option<C> {
    // The framework has another edition of the type.
    let value = headers::HeaderValue::from_bytes(value.as_bytes()).ok()?;
    Authorization::decode(&mut iter::once(&value)).ok().map(|Authorization(credentials)| credentials)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_scheme_is_read_in_any_case_and_a_foreign_one_not() {
        let request =
            |value: &str| TestRequest::get().insert_header((header::AUTHORIZATION, value)).to_http_request();
        for value in ["Bearer a.b", "bearer a.b", "BEARER  a.b"] {
            assert_eq!(bearer(&request(value)).unwrap().token(), "a.b", "{value}");
        }
        for value in ["Basic YTpi", "basic  YTpi"] {
            let read = basic(&HeaderValue::from_str(value).unwrap()).unwrap();
            assert_eq!((read.username(), read.password()), ("a", "b"), "{value}");
        }
        for value in ["Bearer", "Bearera.b", "Basic YTpi", ""] {
            assert!(bearer(&request(value)).is_none(), "{value}");
        }
        for value in ["Basic %%%", "Basic YQ==", "Bearer a.b"] {
            assert!(basic(&HeaderValue::from_str(value).unwrap()).is_none(), "{value}");
        }
    }
}
