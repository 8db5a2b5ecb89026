//! Signing in and out. A client's ID and secret open a session with the scopes of the client's own token; another way to sign
//! in needs another form here, and no view changes.

use std::borrow::Cow;

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, http::header, web};
use askama::Template;
use serde::Deserialize;

use super::{
    assets::{Assets, addresses},
    paths::{self, ROOT},
    place::Place,
    reply::{html, see, with_headers},
};
use crate::{
    app::issue_token::IssueTokenError,
    http::{
        context::Context,
        extract::{
            query::Query,
            service::{Credentials, Service},
            visit::{Form, Guest},
        },
        failures::{chain, sentence},
        middleware::head::WasHead,
        problem::Problem,
        sessions::Unsent,
    },
};

/// Bytes of a form that is taken along.
const MOST_UNSENT: usize = 2_000;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    assets: &'static Assets,
    back: &'a str,
    client_id: &'a str,
    /// A form that was sent after the session had ended.
    unsent: Option<&'a Unsent>,
    /// Reason why the form is shown again.
    notice: &'a str,
    failed: bool,
}

/// The address that was asked for before.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Back {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    client_id: String,
    client_secret: String,
    #[serde(default)]
    back: String,
    /// Address and fields of a form that was sent after the session had ended.
    #[serde(default)]
    unsent_path: String,
    #[serde(default)]
    unsent_fields: String,
}

/// Nothing: the button says it all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// An address of the page, whatever a link says: nobody is led elsewhere.
fn within(back: &str) -> &str {
    let is_plain = !back.contains(|c: char| c.is_control() || c == '\\') && back.is_ascii();
    let path = back.split(['?', '#']).next().unwrap_or_default();
    if is_plain && paths::takes_session(path) && !path.contains("//") { back } else { ROOT }
}

pub async fn form(guest: Guest, query: Query<Back>) -> Result<HttpResponse, Problem> {
    let back = within(&query.0.back);
    if let Some(session) = guest.session.as_ref().filter(|_| query.0.back.is_empty()) {
        return Ok(see(if session.claims.org.is_none() { paths::COMMUNITY } else { ROOT }));
    }
    // Who has a session and is sent here all the same has lost the client.
    let notice = if guest.id().is_some() { "Your session has ended. Sign in again." } else { "" };
    html(&SignIn { assets: addresses(), back, client_id: "", unsent: None, notice, failed: false })
}

/// The form for signing in again, which takes along what was sent without a session.
pub fn again(unsent: &Unsent) -> HttpResponse {
    let fits = unsent.fields.len() <= MOST_UNSENT;
    let notice = if fits {
        "Your session has ended, and nothing was saved. Sign in again: your form comes back as you filled it in."
    } else {
        "Your session has ended, and nothing was saved. Sign in again and repeat it."
    };
    let back = page_with_form(unsent);
    let unsent = fits.then_some(unsent);
    let page = SignIn { assets: addresses(), back: &back, client_id: "", unsent, notice, failed: true };
    let text = page.render().unwrap_or_else(|_| notice.to_owned());
    with_headers(&mut HttpResponse::Unauthorized()).body(text)
}

/// The address of the page that a form was on, with the peers, the evidence and the release that it showed.
fn page_with_form(unsent: &Unsent) -> String {
    let fields: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        form_urlencoded::parse(unsent.fields.as_bytes()).collect();
    let value = |wanted: &str| {
        fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone().into_owned())
    };
    let place = Place { cohort: value("cohort"), basis: value("basis"), release: value("release") };
    place.link(&paths::page_of(&unsent.path))
}

pub async fn sign_in(
    request: HttpRequest,
    guest: Guest,
    service: Service,
    context: web::Data<Context>,
    form: Form<Fields>,
) -> Result<HttpResponse, Problem> {
    let Fields { client_id, client_secret, back, unsent_path, unsent_fields } = form.fields;
    let unsent = (!unsent_path.is_empty()).then_some(Unsent { path: unsent_path, fields: unsent_fields });
    let client = client_id.trim().to_owned();
    let secret = client_secret.trim().to_owned();
    let read = {
        let client = client.clone();
        move || Ok::<_, String>(Credentials { client, secret, scope: None })
    };
    let issued = match service.issue_token(&request, read, refusal).await? {
        Ok(issued) => issued,
        Err(notice) => {
            let (back, client_id) = (within(&back), client.as_str());
            let unsent = unsent.as_ref();
            let page = SignIn { assets: addresses(), back, client_id, unsent, notice: &notice, failed: true };
            let text = page.render().map_err(Problem::internal)?;
            return Ok(with_headers(&mut HttpResponse::Unauthorized()).body(text));
        }
    };
    let app = &context.app;
    let claims = app.tokens.verify(&issued.access_token, app.clock.as_ref()).map_err(Problem::internal)?;
    // A session that the browser brought along isn't taken over.
    if let Some(earlier) = guest.id() {
        context.sessions.close(earlier);
    }
    let is_operator = claims.org.is_none();
    let id = context.sessions.open(claims, app.clock.as_ref(), app.entropy.as_ref());
    if let Some((unsent, session)) = unsent.zip(context.sessions.find(&id, app.clock.as_ref())) {
        session.hold(unsent);
    }
    let back = match within(&back) {
        ROOT if is_operator => paths::COMMUNITY,
        back => back,
    };
    Ok(into_session(&guest, &id, back))
}

/// The sentence of a refusal, which is the same for an unknown client and a wrong secret.
fn refusal(error: IssueTokenError) -> Result<String, Problem> {
    match error {
        IssueTokenError::InvalidClient | IssueTokenError::Suspended => Ok(sentence(&error)),
        IssueTokenError::Store(error) => Err(error.into()),
        error => Err(Problem::internal(chain(&error))),
    }
}

/// Uses an invitation.
pub async fn enter(
    request: HttpRequest,
    guest: Guest,
    context: web::Data<Context>,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    if request.extensions().contains::<WasHead>() {
        // Mail programs and chats look at links: that must not use this one up.
        return Ok(see(paths::SIGN_IN));
    }
    let app = &context.app;
    match context.sessions.redeem(&code, app.clock.as_ref()) {
        Some(claims) => {
            let id = context.sessions.open(claims, app.clock.as_ref(), app.entropy.as_ref());
            Ok(into_session(&guest, &id, ROOT))
        }
        // Whoever used it has a session already.
        None if guest.session.is_some() => Ok(see(ROOT)),
        None => {
            let notice = "This link was used already. Sign in with the client ID and secret.";
            html(&SignIn {
                assets: addresses(),
                back: ROOT,
                client_id: "",
                unsent: None,
                notice,
                failed: true,
            })
        }
    }
}

pub async fn sign_out(
    guest: Guest,
    context: web::Data<Context>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    if let Some(id) = guest.id() {
        context.sessions.close(id);
    }
    let mut response = see(paths::SIGN_IN);
    set_cookie(&mut response, &guest.no_cookie());
    Ok(response)
}

fn into_session(guest: &Guest, id: &str, back: &str) -> HttpResponse {
    let mut response = see(back);
    set_cookie(&mut response, &guest.cookie(id));
    response
}

fn set_cookie(response: &mut HttpResponse, cookie: &str) {
    if let Ok(value) = header::HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for back in ["/app", "/app/gaps?cohort=all", "/app/techniques/T1059#decide"] {
            assert_eq!(within(back), back);
        }
        for back in [
            "",
            "//evil.example",
            "https://evil.example/app",
            "/app\\evil",
            "/app//evil.example",
            "/application",
            "/app/sign-in",
            "/app/gaps\r\nset-cookie: a=b",
            "/v1/privacy",
        ] {
            assert_eq!(within(back), ROOT, "{back}");
        }
    }
}
