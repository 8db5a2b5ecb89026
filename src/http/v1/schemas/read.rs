//! `GET /v1/schemas/{name}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::http::{
    problem::Problem,
    reply::{self, Cache},
};

/// The schemas by file name.
const SCHEMAS: [(&str, &str); 1] =
    [("coverage-snapshot-1.json", include_str!("../../../../openapi/coverage-snapshot-1.json"))];

/// JSON Schema of what members send
#[utoipa::path(
    tag = "facts",
    params(("name" = String, Path, description = "File name.", example = "coverage-snapshot-1.json")),
    responses((
        status = 200,
        description = "A JSON Schema (draft 2020-12).",
        content_type = "application/schema+json",
        body = Object,
    )),
)]
#[get("/v1/schemas/{name}")]
pub async fn read_schema(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let schema = SCHEMAS.iter().find(|(known, _)| *known == name.as_str());
    let (_, text) = schema.ok_or_else(|| Problem::not_found("schema"))?;
    Ok(reply::bytes(&request, "application/schema+json", *text, Cache::Public))
}
