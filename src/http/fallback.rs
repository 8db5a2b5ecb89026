//! What answers where no handler does: 405 with `Allow` where the path exists under another method, else 404.

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use super::{
    context::Context,
    problem::{Kind, Problem},
    route_table::Row,
};

pub async fn fallback(request: HttpRequest, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    Err(match context.table.row(request.path()).map(Row::allow) {
        Some(allow) => Problem::new(Kind::MethodNotAllowed, format!("This path takes {allow}."))
            .with_header(header::ALLOW, allow),
        None => Problem::new(Kind::NotFound, "Nothing is served under this path: /docs lists what is."),
    })
}
