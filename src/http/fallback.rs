//! Answers where no handler does: 405 with `Allow` if the path supports other methods, otherwise 404.

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use super::{
    context::Context,
    problem::{Kind, Problem},
    route_table::Row,
};

pub async fn fallback(request: HttpRequest, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    Err(match context.table.row(request.path()).map(Row::allow) {
        Some(allow) => Problem::new(Kind::MethodNotAllowed, format!("Use {allow} on this path."))
            .with_header(header::ALLOW, allow),
        None => Problem::new(Kind::NotFound, "No operation has this path. See /docs/ for those that exist."),
    })
}
