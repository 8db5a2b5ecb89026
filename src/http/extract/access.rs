//! The only doors to data: a handler's signature names the scope that it needs, and only through the door does it reach
//! the caller's organisation. The token is checked before the handler runs; the database is asked whether it still holds
//! in the same piece of blocking work that does what the request is for.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web};

use super::credentials::bearer;
use crate::{
    app::{
        App, Caller, Member,
        authenticate::{Admitted, AuthenticateError, admit, admit_at_once},
    },
    auth::{Claims, TokenError},
    domain::{access::Scope, organisation::OrganisationId},
    http::{
        answers::{Answer, Asked, Made, Question},
        context::Context,
        failures::chain,
        problem::{Kind, Problem},
        sessions::Session,
        shares::Payer,
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
    /// `gaps:write`
    GapsWrite,
    /// `platform:admin`
    PlatformAdmin,
    /// `platform:read`
    PlatformRead,
}

/// The time limit of work.
#[derive(Clone, Copy)]
enum Pace {
    Quick,
    Long,
}

/// A token that was checked, and what it is for.
struct Door {
    context: web::Data<Context>,
    request: HttpRequest,
    claims: Arc<Claims>,
    scope: Scope,
}

/// A member whose token has the scope `S`.
pub struct Access<S> {
    door: Door,
    scope: PhantomData<S>,
}

/// The operator, whose token has the scope `S`, by default `platform:admin`.
pub struct Operator<S = PlatformAdmin> {
    door: Door,
    scope: PhantomData<S>,
}

/// A client that monitors the platform for the operator, with `platform:read`.
pub type Observer = Operator<PlatformRead>;

/// The application as a member sees it.
pub struct Inside {
    pub app: Arc<App>,
    pub caller: Caller,
    pub member: Member,
}

/// The application as the operator sees it.
pub struct Platform {
    pub app: Arc<App>,
    pub caller: Caller,
}

impl<S: Required> Access<S> {
    /// The access of somebody who signed in at the page.
    pub fn in_session(request: &HttpRequest, session: &Session) -> Result<Self, Problem> {
        let context = Context::of(request)?.clone();
        let door = Door::of(request, context, Arc::clone(&session.claims), S::SCOPE)?;
        Ok(Self { door, scope: PhantomData })
    }

    /// Does the work on the blocking pool.
    pub async fn run<T, E>(
        self,
        work: impl FnOnce(&Inside) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem>,
    {
        self.door
            .run(Pace::Quick, |app, caller| {
                let member = caller.member().ok_or_else(no_organisation)?;
                work(&Inside { app, caller, member }).map_err(Into::into)
            })
            .await
    }
}

impl<S: Required> Access<S> {
    /// The answer to a question that takes long to make, as [`Self::answer`] gives it. Only so many are made at once.
    pub async fn answer_in_turn(
        self,
        asked: Asked,
        make: impl FnOnce(&Inside, &Asked) -> Result<Made, Problem> + Send + 'static,
    ) -> Result<Arc<Answer>, Problem> {
        let context = self.door.context.clone();
        let in_turn = move |inside: &Inside, asked: &Asked| {
            let _place = context.reports.enter();
            make(inside, asked)
        };
        self.answer(asked, in_turn).await
    }

    /// The answer to a question about the caller's own organisation: one that was made before, if nothing has changed since
    /// that it depends on, or what `make` makes on the blocking pool. Whether the caller still may is asked of the
    /// database either way.
    pub async fn answer(
        self,
        asked: Asked,
        make: impl FnOnce(&Inside, &Asked) -> Result<Made, Problem> + Send + 'static,
    ) -> Result<Arc<Answer>, Problem> {
        let Some(organisation) = self.door.claims.org.clone() else { return Err(no_organisation()) };
        let question = Question { organisation, asked };
        if let Some(answer) = self.door.answered(&question) {
            return Ok(answer);
        }
        let Question { organisation, asked } = question;
        self.made(organisation, move |_| Ok((asked, ())), move |inside, asked, ()| make(inside, asked)).await
    }

    /// As [`Self::answer`], for a question that is in a body: `read` finds it on the blocking pool.
    pub async fn answer_body<B>(
        self,
        read: impl FnOnce(&Inside) -> Result<(Asked, B), Problem> + Send + 'static,
        make: impl FnOnce(&Inside, &Asked, B) -> Result<Made, Problem> + Send + 'static,
    ) -> Result<Arc<Answer>, Problem> {
        let Some(organisation) = self.door.claims.org.clone() else { return Err(no_organisation()) };
        self.made(organisation, read, make).await
    }

    async fn made<B>(
        self,
        organisation: OrganisationId,
        read: impl FnOnce(&Inside) -> Result<(Asked, B), Problem> + Send + 'static,
        make: impl FnOnce(&Inside, &Asked, B) -> Result<Made, Problem> + Send + 'static,
    ) -> Result<Arc<Answer>, Problem> {
        let context = self.door.context.clone();
        let work = self.door.admitted(Pace::Quick, move |app, admitted| {
            let member = admitted.caller.member().ok_or_else(no_organisation)?;
            let inside = Inside { app, caller: admitted.caller, member };
            let (asked, body) = read(&inside)?;
            let question = Question { organisation, asked };
            let answers = &context.answers;
            if let Some(answer) = answers.get(&question, admitted.version) {
                return Ok(answer);
            }
            let made = make(&inside, &question.asked, body)?;
            answers.put(question, admitted.version, made).map_err(Problem::internal)
        });
        work.await
    }
}

impl<S: Required> Operator<S> {
    /// The access of an operator who signed in at the page.
    pub fn in_session(request: &HttpRequest, session: &Session) -> Result<Self, Problem> {
        let context = Context::of(request)?.clone();
        let door = Door::of(request, context, Arc::clone(&session.claims), S::SCOPE)?;
        Ok(Self { door, scope: PhantomData })
    }

    /// Does the work on the blocking pool.
    pub async fn run<T, E>(
        self,
        work: impl FnOnce(&Platform) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem>,
    {
        self.door.run(Pace::Quick, |app, caller| work(&Platform { app, caller }).map_err(Into::into)).await
    }

    /// Does the work without a time limit.
    pub async fn run_long<T, E>(
        self,
        work: impl FnOnce(&Platform) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem>,
    {
        self.door.run(Pace::Long, |app, caller| work(&Platform { app, caller }).map_err(Into::into)).await
    }
}

impl Door {
    /// The door of a request, if its token has the scope.
    fn open(request: &HttpRequest, scope: Scope) -> Result<Self, Problem> {
        let context = Context::of(request)?.clone();
        let (app, limits) = (&context.app, &context.rate_limits);
        let Some(token) = bearer(request) else {
            limits.failure(&limits.key(request))?;
            let detail =
                "Send an access token as `Authorization: Bearer …`. Request one at the token endpoint.";
            return Err(Problem::new(Kind::Unauthenticated, detail)
                .with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"peerbench\""));
        };
        let claims = match app.tokens.verify(token.token(), app.clock.as_ref()) {
            Ok(claims) => claims,
            Err(error) => {
                limits.failure(&limits.key(request))?;
                return Err(AuthenticateError::from(error).into());
            }
        };
        Self::of(request, context, claims, scope)
    }

    /// The door for claims that were checked, if they have the scope.
    fn of(
        request: &HttpRequest,
        context: web::Data<Context>,
        claims: Arc<Claims>,
        scope: Scope,
    ) -> Result<Self, Problem> {
        tracing::Span::current().record("client", claims.sub.as_str());
        let organisation = claims.org.as_ref().map(OrganisationId::as_str);
        request.extensions_mut().insert(Payer::organisation(organisation));
        context.rate_limits.client(request, claims.sub.as_str(), organisation)?;
        if !claims.scopes().any(|has| has.includes(scope)) {
            return Err(insufficient(scope));
        }
        Ok(Self { context, request: request.clone(), claims, scope })
    }

    /// Returns the kept answer to a question, if there is one and the caller's rights can be checked at once.
    fn answered(&self, question: &Question) -> Option<Arc<Answer>> {
        let answer = self.context.answers.latest(question)?;
        let admitted = admit_at_once(&self.context.app, &self.claims)?.ok()?;
        (admitted.caller.may(self.scope) && answer.is_of(admitted.version)).then_some(answer)
    }

    /// Does the work on the blocking pool, for a caller who still may.
    async fn run<T: Send + 'static>(
        self,
        pace: Pace,
        work: impl FnOnce(Arc<App>, Caller) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.admitted(pace, move |app, admitted| work(app, admitted.caller)).await
    }

    async fn admitted<T: Send + 'static>(
        self,
        pace: Pace,
        work: impl FnOnce(Arc<App>, Admitted) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { context, request, claims, scope } = self;
        let app = Arc::clone(&context.app);
        let payer = Payer::organisation(claims.org.as_ref().map(OrganisationId::as_str));
        let work = move || {
            let admitted = match admit(&app, &claims) {
                Ok(admitted) => admitted,
                Err(error) => return Ok(Err(error)),
            };
            if !admitted.caller.may(scope) {
                return Err(insufficient(scope));
            }
            work(app, admitted).map(Ok)
        };
        let outcome = match pace {
            Pace::Quick => context.load.work(&payer, work).await?,
            Pace::Long => context.load.long_work(&payer, work).await?,
        };
        match outcome {
            Ok(done) => Ok(done),
            Err(refused) => {
                if !matches!(refused, AuthenticateError::Store(_)) {
                    context.rate_limits.failure(&context.rate_limits.key(&request))?;
                }
                Err(refused.into())
            }
        }
    }
}

fn insufficient(scope: Scope) -> Problem {
    let name = scope.name();
    let challenge = format!("Bearer realm=\"peerbench\", error=\"insufficient_scope\", scope=\"{name}\"");
    Problem::new(Kind::InsufficientScope, format!("This operation requires a token with the scope {name}."))
        .with_header(header::WWW_AUTHENTICATE, &challenge)
}

fn no_organisation() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "This operation requires a client of an organisation. Clients of the operator belong to none.",
    )
}

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        let detail = match &error {
            AuthenticateError::Token(TokenError::Signing) => return Self::internal(chain(&error)),
            AuthenticateError::Store(_) => {
                return match error {
                    AuthenticateError::Store(error) => error.into(),
                    other => Self::internal(chain(&other)),
                };
            }
            AuthenticateError::Suspended => {
                return Self::new(
                    Kind::Suspended,
                    "Your organisation is suspended. Ask the operator of the service.",
                );
            }
            AuthenticateError::Token(TokenError::Expired) => "The token has expired. Request a new one.",
            AuthenticateError::Token(TokenError::Invalid) => "The token wasn't issued by this service.",
            AuthenticateError::Revoked => "The client of this token was revoked.",
            AuthenticateError::Expired => "The client of this token has expired.",
            AuthenticateError::SecretRemoved => "A secret of this client was removed. Sign in again.",
        };
        let challenge = "Bearer realm=\"peerbench\", error=\"invalid_token\"";
        Self::new(Kind::Unauthenticated, detail).with_header(header::WWW_AUTHENTICATE, challenge)
    }
}

impl<S: Required> FromRequest for Access<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Door::open(request, S::SCOPE).map(|door| Self { door, scope: PhantomData }))
    }
}

impl<S: Required> FromRequest for Operator<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Door::open(request, S::SCOPE).map(|door| Self { door, scope: PhantomData }))
    }
}
