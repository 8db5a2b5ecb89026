//! The paths that are served, with what middleware and the answer to a wrong method have to know of each. It is read from
//! the OpenAPI document, which is made of the same list as the server (`routes.rs`).

use std::collections::HashMap;

use actix_web::{dev::ResourceDef, http::Method};
use utoipa::openapi::{OpenApi, PathItem};

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

    /// What a path is of.
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
            handles,
        }
    }

    /// The template.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether this is an operation whose handler takes a caller.
    pub fn is_secured(&self, method: &Method) -> bool {
        self.secured.contains(method)
    }

    /// The methods that it has, as `Allow` lists them.
    pub fn allow(&self) -> &str {
        &self.allow
    }

    pub fn handles(&self) -> &Handles {
        &self.handles
    }
}
