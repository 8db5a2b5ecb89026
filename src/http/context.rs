//! The state that handlers and middleware share. It lies below all of them: the server, which knows every handler, fills it.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    answers::Answers,
    docs::Docs,
    kept::{Kept, KeptAnswers},
    load::{Gate, Load},
    problem::Problem,
    rate_limits::Limits,
    route_table::Table,
    sessions::Sessions,
};
use crate::app::App;

/// Extractors read it; a handler reaches it through one of them alone.
pub struct Context {
    pub(super) app: Arc<App>,
    pub(super) bodies: BodyLimits,
    pub(super) load: Load,
    pub(super) answers: Answers,
    /// Lets so many reports be made at once that they never take all threads.
    pub(super) reports: Gate,
    pub(super) rate_limits: Limits,
    pub(super) table: Table,
    pub(super) sessions: Sessions,
    pub(super) docs: Docs,
    /// The OpenAPI document.
    pub(super) document: Kept,
    pub(super) kept: KeptAnswers,
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

    /// Answers with what is kept by a name, or makes it on the blocking pool. `edition` counts up with whatever it depends on.
    pub(super) async fn kept(
        &self,
        request: &HttpRequest,
        name: &str,
        edition: u64,
        make: impl FnOnce() -> Result<Kept, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        if let Some(kept) = self.kept.get(name, edition) {
            return Ok(kept.respond(request));
        }
        let made = self.load.work(&self.rate_limits.payer(request), make).await?;
        Ok(self.kept.put(name, edition, made).respond(request))
    }
}
