//! `GET /v1/attack/{version}/catalogue`

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{self, Bytes},
};

use super::list_versions::text_of;
use crate::{
    http::{extract::facts::Facts, kept::Kept, problem::Problem},
    wire::names,
};

/// Read a catalogue
///
/// Returns the facts of an ATT&CK version in one file, which `peerbench snapshot build --catalogue` reads if the program
/// doesn't carry the version. `GET /v1/attack/versions` has the SHA-256 of the answer.
#[utoipa::path(
    operation_id = "read_catalogue",
    tag = "facts",
    params(("version" = String, Path, description = "ATT&CK version, as `GET /v1/attack/versions` lists it.", example = "19.2")),
    responses((status = 200, description = "The compact catalogue of the version.", body = names::AttackCatalogue)),
)]
#[get("/v1/attack/{version}/catalogue")]
pub async fn read_catalogue(
    request: HttpRequest,
    facts: Facts,
    version: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let version = facts.catalogue(&version)?.version();
    let name = format!("catalogue {version}");
    facts
        .kept(&request, &name, move |facts| {
            let text = match text_of(facts.catalogue(&version.to_string())?)? {
                Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
                Cow::Owned(text) => Bytes::from(text),
            };
            Kept::new("application/json", text).map_err(Problem::internal)
        })
        .await
}
