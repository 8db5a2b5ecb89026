//! Answers the files of the interactive documentation.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{context::Context, problem::Problem};

/// Answers a file.
pub async fn file(
    request: HttpRequest,
    name: web::Path<String>,
    context: web::Data<Context>,
) -> Result<HttpResponse, Problem> {
    let docs = context.clone();
    let found = context.kept(&request, request.path(), 0, move || {
        docs.docs.file(&name).map_err(Problem::internal)?.ok_or_else(|| Problem::not_found("page"))
    });
    found.await
}
