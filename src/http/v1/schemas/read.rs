//! `GET /v1/schemas/{name}`

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::{
    http::{
        problem::Problem,
        reply::{self, Cache},
    },
    wire::names,
};

/// The schemas by file name.
const SCHEMAS: [(&str, &str); 1] =
    [("coverage-snapshot-1.json", include_str!("../../../../openapi/coverage-snapshot-1.json"))];

/// Read a JSON Schema
///
/// Returns the JSON Schema of a document that members send, such as the coverage snapshot.
#[utoipa::path(
    operation_id = "read_schema",
    tag = "facts",
    params(("name" = String, Path, description = "File name of the schema.", example = "coverage-snapshot-1.json")),
    responses((
        status = 200,
        description = "The JSON Schema (draft 2020-12).",
        content_type = "application/schema+json",
        body = names::JsonSchema,
    )),
)]
#[get("/v1/schemas/{name}")]
pub async fn read_schema(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let schema = SCHEMAS.iter().find(|(known, _)| *known == name.as_str());
    let (_, text) = schema.ok_or_else(|| Problem::absent("schema"))?;
    Ok(reply::bytes(&request, "application/schema+json", *text, Cache::Public))
}
