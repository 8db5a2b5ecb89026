//! Query parameters: typed, closed, and refused by name.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use crate::http::problem::Problem;

/// The parameters of a request. Types deny unknown fields, so a misspelt parameter is refused instead of ignored.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// Reads parameters from what follows the question mark.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    // Keeping track of the path takes longer than all the rest, and only a refusal needs it.
    if let Ok(read) = T::deserialize(serde_urlencoded::Deserializer::new(form(text))) {
        return Ok(read);
    }
    let pairs = serde_urlencoded::Deserializer::new(form(text));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let (path, detail) = (error.path().to_string(), error.inner().to_string());
        // What is there twice or too much has no path yet; the text names it between backquotes.
        let name = if path == "." { detail.split('`').nth(1).unwrap_or_default() } else { path.as_str() };
        Problem::parameter(name, detail.clone())
    })
}

fn form(text: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(text.as_bytes())
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}
