//! The state that handlers and middleware share. It lies below all of them: the server, which knows every handler, fills it.

use std::sync::Arc;

use actix_web::{
    HttpRequest,
    web::{self, Bytes},
};

use super::{
    answers::Answers, docs::Docs, load::Load, problem::Problem, rate_limits::Limits, route_table::Table,
};
use crate::app::App;

/// Extractors read it; a handler reaches it through one of them alone.
pub struct Context {
    pub(super) app: Arc<App>,
    pub(super) bodies: BodyLimits,
    pub(super) load: Load,
    pub(super) answers: Answers,
    pub(super) rate_limits: Limits,
    pub(super) table: Table,
    pub(super) docs: Docs,
    /// The OpenAPI document's text.
    pub(super) document: Bytes,
    /// Paths whose requests the middleware doesn't count: the health checks, and the token endpoint, which counts itself.
    pub(super) uncounted: [String; 3],
}

/// Limits on a body in bytes.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// The limit of the body as sent.
    pub body_bytes: usize,
    /// The limit after decompression.
    pub decoded_bytes: usize,
}

impl Context {
    /// The context of the server that a request came to.
    pub(super) fn of(request: &HttpRequest) -> Result<&web::Data<Self>, Problem> {
        request.app_data().ok_or_else(|| Problem::internal("the server has no context"))
    }
}
