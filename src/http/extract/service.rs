//! The service for callers without a token: it issues tokens and tells its health. It holds no tenant's data.

use std::{
    future::{Ready, ready},
    time::Duration,
};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};

use crate::{
    app::{
        check_ready::check_ready,
        issue_token::{IssueTokenError, Issued, issue_token},
        privacy_terms::{PrivacyTerms, privacy_terms},
    },
    auth::Tokens,
    domain::organisation::OrganisationId,
    http::{context::Context, failures::chain, problem::Problem, shares::Payer},
};

/// Time limit of the readiness check.
const READY_WITHIN: Duration = Duration::from_secs(3);

/// Credentials and scopes of a token request.
pub struct Credentials {
    pub client: String,
    pub secret: String,
    pub scope: Option<String>,
}

/// The service itself.
pub struct Service(web::Data<Context>);

impl Service {
    pub fn tokens(&self) -> &Tokens {
        &self.0.app.tokens
    }

    /// Answers with the OpenAPI document.
    pub fn document(&self, request: &HttpRequest) -> HttpResponse {
        self.0.document.respond(request)
    }

    pub fn privacy_terms(&self) -> PrivacyTerms {
        privacy_terms(&self.0.app)
    }

    /// A token for the credentials that `read` finds, or a refusal. Failures count for the address, and wrong credentials for
    /// their client id as well; what succeeds counts for the client, so that nobody is locked out by who shares their
    /// address.
    pub async fn issue_token<R: Send + 'static>(
        self,
        request: &HttpRequest,
        read: impl FnOnce() -> Result<Credentials, R> + Send + 'static,
        refusal: impl FnOnce(IssueTokenError) -> Result<R, Problem> + Send + 'static,
    ) -> Result<Result<Issued, R>, Problem> {
        let address = self.0.rate_limits.key(request);
        let (payer, context) = (Payer::address(&address), self.0.clone());
        let work = move || {
            let limits = &context.rate_limits;
            let Credentials { client, secret, scope } = match read() {
                Ok(credentials) => credentials,
                Err(refused) => return limits.failure(&address).map(|()| Err(refused)),
            };
            limits.may_try(&address, &client)?;
            match issue_token(&context.app, &client, &secret, scope.as_deref()) {
                Ok(issued) => Ok(Ok(issued)),
                Err(error) => {
                    if matches!(error, IssueTokenError::InvalidClient) {
                        limits.wrong_credentials(&address, &client)?;
                    }
                    refusal(error).map(Err)
                }
            }
        };
        let issued = self.0.load.work(&payer, work).await?;
        if let Ok(Issued { client, organisation, .. }) = &issued {
            let organisation = organisation.as_ref().map(OrganisationId::as_str);
            self.0.rate_limits.client(request, client.as_str(), organisation)?;
        }
        Ok(issued)
    }

    /// # Errors
    /// 503 where requests cannot be answered.
    pub async fn check_ready(self) -> Result<(), Problem> {
        let context = self.0.clone();
        let check = move || check_ready(&context.app).map_err(|error| Problem::unavailable(chain(&error)));
        self.0.load.aside(READY_WITHIN, check).await
    }
}

impl FromRequest for Service {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Context::of(request).cloned().map(Self))
    }
}
