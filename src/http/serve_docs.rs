//! Answers the files of the interactive documentation.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};

use super::{
    context::Context,
    problem::Problem,
    reply::{self, Cache, coded_etag},
};

/// Answers a file.
pub async fn file(
    request: HttpRequest,
    name: web::Path<String>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let payer = context.rate_limits.payer(&request);
    let docs = context.clone();
    let found = context.load.work(&payer, move || docs.docs.file(&name)).await?;
    let file = found.ok_or_else(|| Problem::not_found("page"))?;
    if let Some(known) = reply::matching(&request, &file.tag) {
        return Ok(reply::unchanged(known, Cache::Public));
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, file.content_type.clone()))
        .insert_header((header::CACHE_CONTROL, Cache::Public.header()));
    // Whatever else a caller may accept is put on by the server as for any other answer.
    Ok(match reply::accepts_gzip(&request) {
        true => response
            .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")))
            .insert_header((header::ETAG, coded_etag(&file.tag, "gzip")))
            .body(file.gzip.clone()),
        false => response.insert_header((header::ETAG, file.tag.clone())).body(file.plain.clone()),
    })
}
