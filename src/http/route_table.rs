//! The paths that are served, with what middleware and the answer to a wrong method have to know of each. It is read from
//! the OpenAPI document, which is made of the same list as the server (`routes.rs`).

use std::collections::HashMap;

use actix_web::{dev::ResourceDef, http::Method};
use utoipa::openapi::{
    OpenApi, PathItem, RefOr,
    path::{Operation, Parameter},
};

use super::metrics::Handles;

/// The paths and what the document says of their methods.
pub struct Table {
    /// The paths without names in them, for which no pattern has to be tried.
    fixed: HashMap<String, Row>,
    patterns: Vec<Row>,
}

/// One path.
pub struct Row {
    path: String,
    resource: ResourceDef,
    allow: String,
    /// The methods that need a token.
    secured: Vec<Method>,
    /// The media types of a read's answer, the preferred one first.
    read_as: Vec<String>,
    /// True if the query of a read may name the format of its answer.
    takes_format: bool,
    handles: Handles,
}

impl Table {
    pub fn new(api: &OpenApi) -> Self {
        let (patterns, fixed): (Vec<_>, Vec<_>) =
            api.paths.paths.iter().partition(|(path, _)| path.contains('{'));
        Self {
            fixed: fixed.into_iter().map(|(path, item)| (path.clone(), Row::new(path, item))).collect(),
            patterns: patterns.into_iter().map(|(path, item)| Row::new(path, item)).collect(),
        }
    }

    /// The row of a path.
    pub fn row(&self, path: &str) -> Option<&Row> {
        self.fixed.get(path).or_else(|| self.patterns.iter().find(|row| row.resource.is_match(path)))
    }
}

impl Row {
    fn new(path: &str, item: &PathItem) -> Self {
        let methods = [
            (&item.get, "GET, HEAD", Method::GET),
            (&item.post, "POST", Method::POST),
            (&item.put, "PUT", Method::PUT),
            (&item.patch, "PATCH", Method::PATCH),
            (&item.delete, "DELETE", Method::DELETE),
        ];
        let (mut allow, mut secured) = (Vec::new(), Vec::new());
        for (operation, name, method) in methods {
            let Some(operation) = operation else { continue };
            allow.push(name);
            if operation.security.as_ref().is_some_and(|needed| !needed.is_empty()) {
                secured.push(method);
            }
        }
        let handles = Handles::default();
        Self {
            path: path.to_owned(),
            resource: ResourceDef::new(path),
            allow: allow.join(", "),
            secured,
            read_as: item.get.as_ref().map(read_as).unwrap_or_default(),
            takes_format: item.get.as_ref().is_some_and(takes_format),
            handles,
        }
    }

    /// The template.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns true if the operation's handler takes a caller.
    pub fn is_secured(&self, method: &Method) -> bool {
        self.secured.contains(method)
    }

    /// The methods that it has, as `Allow` lists them.
    pub fn allow(&self) -> &str {
        &self.allow
    }

    /// The media types of a read's answer, the preferred one first; none where it can't be read.
    pub fn read_as(&self) -> &[String] {
        &self.read_as
    }

    /// True if the query of a read may name the format of its answer.
    pub fn takes_format(&self) -> bool {
        self.takes_format
    }

    pub fn handles(&self) -> &Handles {
        &self.handles
    }
}

fn read_as(operation: &Operation) -> Vec<String> {
    match operation.responses.responses.get("200") {
        Some(RefOr::T(response)) => response.content.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

fn takes_format(operation: &Operation) -> bool {
    let named =
        |parameter: &RefOr<_>| matches!(parameter, RefOr::T(Parameter { name, .. }) if name == "format");
    operation.parameters.iter().flatten().any(named)
}
