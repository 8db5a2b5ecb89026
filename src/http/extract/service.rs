//! The service for callers without a token: it issues tokens and tells its health. It holds no tenant's data.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    web::{self, Bytes},
};

use super::access::blocking;
use crate::{
    app::{
        check_ready::check_ready,
        issue_token::{IssueTokenError, Issued, issue_token},
        privacy_terms::{PrivacyTerms, privacy_terms},
    },
    auth::Tokens,
    http::{context::Context, failures::chain, problem::Problem},
};

/// The service itself.
pub struct Service(web::Data<Context>);

impl Service {
    pub fn tokens(&self) -> &Tokens {
        &self.0.app.tokens
    }

    /// The OpenAPI document's text.
    pub fn document(&self) -> Bytes {
        self.0.document.clone()
    }

    pub fn privacy_terms(&self) -> PrivacyTerms {
        privacy_terms(&self.0.app)
    }

    /// A token for a client's credentials, or the refusal.
    pub async fn issue_token(
        self,
        client: String,
        secret: String,
        scope: Option<String>,
    ) -> Result<Result<Issued, IssueTokenError>, Problem> {
        blocking(move || Ok::<_, Problem>(issue_token(&self.0.app, &client, &secret, scope.as_deref()))).await
    }

    /// # Errors
    /// 503 where requests cannot be answered.
    pub async fn check_ready(self) -> Result<(), Problem> {
        blocking(move || check_ready(&self.0.app).map_err(|error| Problem::unavailable(chain(&error)))).await
    }
}

impl FromRequest for Service {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Context::of(request).cloned().map(Self))
    }
}
