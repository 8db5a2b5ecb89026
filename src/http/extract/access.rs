//! The only doors to data: a handler's signature names the scope that it needs, and only through the door does it reach
//! the caller's organisation.

use std::{marker::PhantomData, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;

use crate::{
    app::{
        App, Caller, Member,
        authenticate::{AuthenticateError, authenticate},
    },
    auth::TokenError,
    domain::access::Scope,
    http::{
        failures::chain,
        problem::{Kind, Problem},
        server::Context,
    },
};

/// A scope as a type.
pub trait Required: 'static {
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $name;

            impl Required for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )+
    };
}

scopes! {
    /// `snapshots:write`
    SnapshotsWrite,
    /// `snapshots:read`
    SnapshotsRead,
    /// `comparisons:read`
    ComparisonsRead,
    /// `organisation:admin`
    OrganisationAdmin,
    /// `platform:admin`
    PlatformAdmin,
}

/// A member whose token has the scope `S`.
pub struct Access<S> {
    app: Arc<App>,
    caller: Caller,
    member: Member,
    scope: PhantomData<S>,
}

/// The operator, whose token has `platform:admin`.
pub struct Operator {
    app: Arc<App>,
    caller: Caller,
}

/// What is behind a member's door.
pub struct Inside {
    pub app: Arc<App>,
    pub caller: Caller,
    pub member: Member,
}

/// What is behind the operator's door.
pub struct Platform {
    pub app: Arc<App>,
    pub caller: Caller,
}

impl<S: Required> Access<S> {
    /// Does the work on the blocking pool.
    pub async fn run<T, E>(
        self,
        work: impl FnOnce(&Inside) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem>,
    {
        let inside = Inside { app: self.app, caller: self.caller, member: self.member };
        blocking(move || work(&inside)).await
    }
}

impl Operator {
    /// Does the work on the blocking pool.
    pub async fn run<T, E>(
        self,
        work: impl FnOnce(&Platform) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem>,
    {
        let platform = Platform { app: self.app, caller: self.caller };
        blocking(move || work(&platform)).await
    }
}

/// Runs what may wait for a disk or a database.
pub async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Into<Problem>,
{
    let span = tracing::Span::current();
    let in_span = move || span.in_scope(|| work().map_err(Into::into));
    web::block(in_span).await.map_err(Problem::internal)?
}

/// The caller of a request, if its token has the scope.
async fn enter(request: HttpRequest, scope: Scope) -> Result<(Arc<App>, Caller), Problem> {
    let context = request
        .app_data::<web::Data<Context>>()
        .cloned()
        .ok_or_else(|| Problem::internal("the server has no context"))?;
    let limits = context.rate_limits();
    let Some(token) = bearer(&request) else {
        limits.address(&request)?;
        let detail = "Send a token of the token endpoint as `Authorization: Bearer …`.";
        return Err(Problem::new(Kind::Unauthenticated, detail)
            .with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"peerbench\""));
    };
    let app = Arc::clone(context.app());
    let checked = {
        let app = Arc::clone(&app);
        blocking(move || Ok::<_, Problem>(authenticate(&app, &token))).await?
    };
    let caller = match checked {
        Ok(caller) => caller,
        Err(error) => {
            limits.address(&request)?;
            return Err(error.into());
        }
    };
    tracing::Span::current().record("client", caller.client.as_str());
    limits.client(&request, caller.client.as_str())?;
    if !caller.may(scope) {
        let name = scope.name();
        let challenge = format!("Bearer realm=\"peerbench\", error=\"insufficient_scope\", scope=\"{name}\"");
        return Err(Problem::new(
            Kind::InsufficientScope,
            format!("This needs a token with the scope {name}."),
        )
        .with_header(header::WWW_AUTHENTICATE, &challenge));
    }
    Ok((app, caller))
}

fn bearer(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        let detail = match &error {
            AuthenticateError::Store(_) | AuthenticateError::Token(TokenError::Signing) => {
                return Self::internal(chain(&error));
            }
            AuthenticateError::Suspended => {
                return Self::new(
                    Kind::Suspended,
                    "This organisation is suspended: ask the operator of the service.",
                );
            }
            AuthenticateError::Token(TokenError::Expired) => "The token has expired: ask for a new one.",
            AuthenticateError::Token(TokenError::Invalid) => "The token is not one that this service issued.",
            AuthenticateError::Revoked => "The client of this token was revoked.",
        };
        let challenge = "Bearer realm=\"peerbench\", error=\"invalid_token\"";
        Self::new(Kind::Unauthenticated, detail).with_header(header::WWW_AUTHENTICATE, challenge)
    }
}

impl<S: Required> FromRequest for Access<S> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (app, caller) = enter(request, S::SCOPE).await?;
            let member = caller.member().ok_or_else(|| {
                Problem::new(
                    Kind::Forbidden,
                    "This belongs to organisations: the operator's clients have none.",
                )
            })?;
            Ok(Self { app, caller, member, scope: PhantomData })
        })
    }
}

impl FromRequest for Operator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (app, caller) = enter(request, PlatformAdmin::SCOPE).await?;
            Ok(Self { app, caller })
        })
    }
}
