//! `GET /v1/attack/{version}/catalogue`

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{self, Bytes},
};

use super::list_versions::text_of;
use crate::http::{
    extract::facts::Facts,
    problem::Problem,
    reply::{self, Cache},
};

/// The facts of one ATT&CK version, as one file
///
/// What `peerbench snapshot build --catalogue` reads where the service has a version that the program doesn't carry. The
/// SHA-256 of the answer is in `GET /v1/attack/versions`.
#[utoipa::path(
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version.", example = "19.2")),
    responses((status = 200, description = "The compact catalogue.", body = Object)),
)]
#[get("/v1/attack/{version}/catalogue")]
pub async fn read_catalogue(
    request: HttpRequest,
    facts: Facts,
    version: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let text = text_of(facts.catalogue(&version)?)?;
    let text = match text {
        Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        Cow::Owned(text) => Bytes::from(text),
    };
    Ok(reply::bytes(&request, "application/json", text, Cache::Public))
}
