//! The door of the page: a person with a session, through the same checks as a program with a token. The cookie is read here
//! and nowhere else, and so are posted forms, each of which has to prove that it comes from a page of its own session.

use std::{
    borrow::Cow,
    future::{Future, Ready, ready},
    pin::Pin,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header};
use headers::{Cookie, Header as _, HeaderValue};
use serde::de::DeserializeOwned;

use super::{
    access::{Access, Inside, Operator, Platform, Required},
    body::Body,
    query::parse,
};
use crate::http::{
    answers::{Asked, Coding, Made, What},
    context::Context,
    page::paths,
    problem::{Kind, Problem},
    sessions::{LIFETIME_SECONDS, Session, Unsent},
};

/// The cookie where only TLS carries it: the prefix keeps another host of the same domain from setting it.
const SECURE: &str = "__Host-peerbench";
/// The cookie on loopback, where there is no TLS.
const LOOPBACK: &str = "peerbench";

/// The place of the session's form token in a text for the page, which is the same for all sessions of an organisation. No
/// name has control characters.
pub const FORM_TOKEN: &str = "\u{1}form token\u{1}";

/// A member with a session that has the scope `S`.
pub struct Visit<S> {
    access: Access<S>,
    session: Arc<Session>,
    /// The path and the query.
    address: String,
}

/// The operator with a session that has the scope `S`.
pub struct OperatorVisit<S> {
    operator: Operator<S>,
    session: Arc<Session>,
}

/// Somebody with or without a session, to whom nothing of a tenant is shown.
pub struct Guest {
    pub session: Option<Arc<Session>>,
    /// The id that the browser sent.
    id: Option<String>,
    loopback: bool,
}

/// A posted form. Its own fields stand in `fields`.
pub struct Form<T> {
    pub fields: T,
}

/// A form that a member posts from a page of its session. If the session has ended, the form is held until the next sign-in.
pub struct Posted<S, T> {
    pub visit: Visit<S>,
    pub fields: T,
}

impl<S: Required> Visit<S> {
    pub fn of(request: &HttpRequest, session: Arc<Session>) -> Result<Self, Problem> {
        let access = Access::in_session(request, &session)?;
        let address = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
        Ok(Self { access, session, address })
    }

    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }

    /// Does the work on the blocking pool.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&Inside, &Session) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { access, session, .. } = self;
        access.run(move |inside| work(inside, &session)).await
    }

    /// Returns a text that depends on the address, the organisation and the scopes alone: one that was made before, if
    /// nothing has changed since, or what `make` makes on the blocking pool.
    pub async fn kept_text(
        self,
        make: impl FnOnce(&Inside, &Session) -> Result<String, Problem> + Send + 'static,
    ) -> Result<String, Problem> {
        let Self { access, session, address } = self;
        let what = What::Of("page", format!("{address} {}", session.claims.scope));
        let asked = Asked { what, query: Default::default(), release: None, coding: Coding::Identity };
        let reader = Arc::clone(&session);
        let answer = access.answer(asked, move |inside, _| {
            let body = make(inside, &reader)?.into_bytes();
            Ok(Made::new("text/html; charset=utf-8", body))
        });
        Ok(filled(answer.await?.body(), &session))
    }
}

impl<S: Required> OperatorVisit<S> {
    /// Makes a text on the blocking pool.
    pub async fn text(
        self,
        make: impl FnOnce(&Platform, &Session) -> Result<String, Problem> + Send + 'static,
    ) -> Result<String, Problem> {
        let Self { operator, session } = self;
        let reader = Arc::clone(&session);
        let text = operator.run(move |platform| make(platform, &reader)).await?;
        Ok(filled(text.as_bytes(), &session))
    }
}

/// Puts the token of a session's forms into a text.
pub fn filled(text: &[u8], session: &Session) -> String {
    let text: Cow<'_, str> = String::from_utf8_lossy(text);
    text.replace(FORM_TOKEN, &session.form_token)
}

impl Guest {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let context = Context::of(request)?;
        let loopback = is_loopback(request);
        let id = id(request, loopback);
        let clock = context.app.clock.as_ref();
        let session = id.as_deref().and_then(|id| context.sessions.find(id, clock));
        Ok(Self { session, id, loopback })
    }

    /// The id that the browser sent, whatever it is good for.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// `Set-Cookie` for a session of this id. A script can't read it, and no other site's request carries it.
    pub fn cookie(&self, id: &str) -> String {
        let common = format!("Path=/; HttpOnly; SameSite=Strict; Max-Age={LIFETIME_SECONDS}");
        match self.loopback {
            true => format!("{LOOPBACK}={id}; {common}"),
            false => format!("{SECURE}={id}; {common}; Secure"),
        }
    }

    /// `Set-Cookie` that takes the cookie away.
    pub fn no_cookie(&self) -> String {
        let common = "Path=/; HttpOnly; SameSite=Strict; Max-Age=0";
        match self.loopback {
            true => format!("{LOOPBACK}=; {common}"),
            false => format!("{SECURE}=; {common}; Secure"),
        }
    }
}

/// The id of the session that a request's cookie names.
fn id(request: &HttpRequest, loopback: bool) -> Option<String> {
    let values: Vec<HeaderValue> = request
        .headers()
        .get_all(header::COOKIE)
        // The framework has another edition of the type.
        .filter_map(|value| HeaderValue::from_bytes(value.as_bytes()).ok())
        .collect();
    let cookie = Cookie::decode(&mut values.iter()).ok()?;
    // Over TLS another host of the domain could set the plain name.
    let plain = || cookie.get(LOOPBACK).filter(|_| loopback);
    cookie.get(SECURE).or_else(plain).map(str::to_owned)
}

/// Says that the browser reaches this service at an address of its own computer. The browser's own word counts where it
/// gives one, because a proxy may have changed the host.
fn is_loopback(request: &HttpRequest) -> bool {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = match text(header::ORIGIN).filter(|origin| *origin != "null") {
        Some(origin) => origin.strip_prefix("http://"),
        None => text(header::HOST),
    };
    let name = |host: &str| match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default().to_owned(),
        None => host.split(':').next().unwrap_or_default().to_owned(),
    };
    host.map(name).is_some_and(|name| matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"))
}

/// Refuses a post that another site's page sends.
pub fn same_site(request: &HttpRequest) -> Result<(), Problem> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let own = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some() && authority == text("host")
        }
        // No browser posts without both.
        (None, None) => true,
    };
    if own { Ok(()) } else { Err(foreign_form()) }
}

fn require_form(request: &HttpRequest) -> Result<(), Problem> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.and_then(|kind| kind.split(';').next()).is_some_and(|kind| kind.trim() == FORM) {
        return Ok(());
    }
    let detail = format!("The body must be a form. Send it with Content-Type: {FORM}.");
    Err(Problem::new(Kind::UnsupportedMediaType, detail))
}

/// The refusal of a form without the token of its session.
pub fn foreign_form() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "This form wasn't sent from a page of your session, so nothing was changed. Open the page again and repeat it.",
    )
}

/// The session of a request, or the way to sign in.
pub fn signed_in(request: &HttpRequest) -> Result<Arc<Session>, Problem> {
    if let Some(session) = Guest::of(request)?.session {
        return Ok(session);
    }
    Context::of(request)?.rate_limits.address(request)?;
    Err(Problem::new(Kind::Unauthenticated, "Sign in to see this page."))
}

impl<S: Required> FromRequest for Visit<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(signed_in(request).and_then(|session| Self::of(request, session)))
    }
}

impl<S: Required> FromRequest for OperatorVisit<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(signed_in(request).and_then(|session| {
            let operator = Operator::in_session(request, &session)?;
            Ok(Self { operator, session })
        }))
    }
}

impl FromRequest for Guest {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// The fields of a form as a form encodes them, and its token.
async fn read_form(request: &HttpRequest, body: Body) -> Result<(Option<String>, String), Problem> {
    same_site(request)?;
    require_form(request)?;
    let text = body.receive_form().await?;
    let (token, fields): (Vec<_>, Vec<_>) = form_urlencoded::parse(&text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .partition(|(name, _)| name == "form_token");
    let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Ok((token.into_iter().next().map(|(_, token)| token), fields))
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = Body::from_request(&request, payload);
        Box::pin(async move {
            let (token, fields) = read_form(&request, body.await?).await?;
            let session = Guest::of(&request)?.session;
            // Who has no session has nothing that a form could change, and to sign in changes nothing of a session.
            if let Some(session) = session
                && request.path() != paths::SIGN_IN
                && !token.is_some_and(|token| session.owns(&token))
            {
                return Err(foreign_form());
            }
            Ok(Self { fields: parse(&fields)? })
        })
    }
}

impl<S: Required, T: DeserializeOwned + 'static> FromRequest for Posted<S, T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = Body::from_request(&request, payload);
        Box::pin(async move {
            let (token, fields) = read_form(&request, body.await?).await?;
            let session = match signed_in(&request) {
                Ok(session) => session,
                Err(refused) => {
                    let unsent = Unsent { path: request.path().to_owned(), fields };
                    request.extensions_mut().insert(unsent);
                    return Err(refused);
                }
            };
            if !token.is_some_and(|token| session.owns(&token)) {
                return Err(foreign_form());
            }
            Ok(Self { visit: Visit::of(&request, session)?, fields: parse(&fields)? })
        })
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request(headers: &[(&'static str, &str)]) -> HttpRequest {
        let request = TestRequest::get();
        headers.iter().fold(request, |request, header| request.insert_header(*header)).to_http_request()
    }

    #[test]
    fn only_loopback_goes_without_tls() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080"] {
            assert!(is_loopback(&request(&[("host", host)])), "{host}");
        }
        for host in ["bench.example", "localhost.example", "127.0.0.1.example:80", "[::2]:1"] {
            assert!(!is_loopback(&request(&[("host", host)])), "{host}");
        }
        let behind_a_proxy = [("host", "127.0.0.1:8080"), ("origin", "https://bench.example")];
        assert!(!is_loopback(&request(&behind_a_proxy)));
    }

    #[test]
    fn another_sites_post_is_refused() {
        let host = ("host", "bench.example");
        for accepted in [
            vec![host],
            vec![host, ("origin", "https://bench.example")],
            vec![host, ("sec-fetch-site", "same-origin"), ("origin", "https://bench.example")],
        ] {
            assert!(same_site(&request(&accepted)).is_ok(), "{accepted:?}");
        }
        for refused in [
            vec![host, ("origin", "https://evil.example")],
            vec![host, ("origin", "null")],
            vec![host, ("sec-fetch-site", "cross-site")],
            vec![host, ("sec-fetch-site", "same-site"), ("origin", "https://bench.example")],
        ] {
            assert!(same_site(&request(&refused)).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn the_plain_cookie_counts_on_loopback_only() {
        let cookie = ("cookie", "a=b; peerbench=plain; c=d");
        assert_eq!(id(&request(&[cookie]), true).as_deref(), Some("plain"));
        assert_eq!(id(&request(&[cookie]), false), None);
        assert_eq!(id(&request(&[("cookie", "__Host-peerbench=tls")]), false).as_deref(), Some("tls"));
    }
}
