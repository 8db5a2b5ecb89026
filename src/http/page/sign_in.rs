//! Signing in and out. A client's ID and secret open a session with the scopes of the client's own token; another way to sign
//! in needs another form here, and no view changes.

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, http::header, web};
use askama::Template;
use serde::Deserialize;

use super::{
    assets::{Assets, addresses},
    paths::{self, ROOT},
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
    },
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    assets: &'static Assets,
    back: &'a str,
    client_id: &'a str,
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
    if guest.session.is_some() && query.0.back.is_empty() {
        return Ok(see(ROOT));
    }
    let notice = if guest.session.is_none() && guest.id().is_some() {
        "Your session has ended. Sign in again."
    } else {
        ""
    };
    html(&SignIn { assets: addresses(), back, client_id: "", notice, failed: false })
}

pub async fn sign_in(
    request: HttpRequest,
    guest: Guest,
    service: Service,
    context: web::Data<Context>,
    form: Form<Fields>,
) -> Result<HttpResponse, Problem> {
    let Fields { client_id, client_secret, back } = form.fields;
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
            let page = SignIn { assets: addresses(), back, client_id, notice: &notice, failed: true };
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
    let id = context.sessions.open(claims, app.clock.as_ref(), app.entropy.as_ref());
    Ok(into_session(&guest, &id, within(&back)))
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
            html(&SignIn { assets: addresses(), back: ROOT, client_id: "", notice, failed: true })
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
