//! What answers where no handler does: 405 with `Allow` where the path exists under another method, else 404. Both follow
//! from the OpenAPI document, which is made of the route table.

use actix_web::{HttpRequest, HttpResponse, dev::ResourceDef, http::header, web};
use utoipa::openapi::{OpenApi, PathItem};

use super::{
    problem::{Kind, Problem},
    server::Context,
};

/// The paths and their methods.
pub struct Table(Vec<(ResourceDef, String)>);

impl Table {
    pub fn new(api: &OpenApi) -> Self {
        let row = |(path, item): (&String, &PathItem)| (ResourceDef::new(path.as_str()), allow(item));
        Self(api.paths.paths.iter().map(row).collect())
    }

    /// The methods of a path, as `Allow` lists them; `None` where nothing is served.
    fn allow(&self, path: &str) -> Option<&str> {
        self.0.iter().find(|(resource, _)| resource.is_match(path)).map(|(_, allow)| allow.as_str())
    }
}

fn allow(item: &PathItem) -> String {
    let methods = [
        (item.get.is_some(), "GET, HEAD"),
        (item.post.is_some(), "POST"),
        (item.put.is_some(), "PUT"),
        (item.patch.is_some(), "PATCH"),
        (item.delete.is_some(), "DELETE"),
    ];
    let present: Vec<&str> = methods.into_iter().filter_map(|(there, name)| there.then_some(name)).collect();
    present.join(", ")
}

pub async fn fallback(request: HttpRequest, context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    Err(match context.table().allow(request.path()) {
        Some(allow) => Problem::new(Kind::MethodNotAllowed, format!("This path takes {allow}."))
            .with_header(header::ALLOW, allow),
        None => Problem::new(Kind::NotFound, "Nothing is served under this path: /docs lists what is."),
    })
}
