//! What the service does for callers without a token: it issues tokens and says how it is. No tenant's data is behind it.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use super::access::blocking;
use crate::{
    app::{
        App,
        check_ready::check_ready,
        issue_token::{IssueTokenError, Issued, issue_token},
        privacy_terms::{PrivacyTerms, privacy_terms},
    },
    auth::Tokens,
    http::{failures::chain, problem::Problem, server::Context},
};

/// The service itself.
pub struct Service(Arc<App>);

impl Service {
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub fn privacy_terms(&self) -> PrivacyTerms {
        privacy_terms(&self.0)
    }

    /// A token for a client's credentials, or the refusal.
    pub async fn issue_token(
        self,
        client: String,
        secret: String,
        scope: Option<String>,
    ) -> Result<Result<Issued, IssueTokenError>, Problem> {
        blocking(move || Ok::<_, Problem>(issue_token(&self.0, &client, &secret, scope.as_deref()))).await
    }

    /// # Errors
    /// 503 where requests cannot be answered.
    pub async fn check_ready(self) -> Result<(), Problem> {
        blocking(move || check_ready(&self.0).map_err(|error| Problem::unavailable(chain(&error)))).await
    }
}

impl FromRequest for Service {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<Context>>().map(|context| Arc::clone(context.app()));
        ready(app.map(Self).ok_or_else(|| Problem::internal("the server has no context")))
    }
}
