//! `POST /oauth/token`

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    post,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::issue_token::IssueTokenError,
    http::{
        extract::{
            body::Body,
            credentials,
            json::media_type,
            service::{Credentials, Service},
        },
        failures::chain,
        problem::Problem,
    },
    wire::names,
};

/// A request for an access token (RFC 6749, section 4.4.2).
#[derive(Deserialize, ToSchema)]
struct TokenRequest {
    /// Grant type, always `client_credentials`.
    #[schema(value_type = names::GrantType, required = true)]
    grant_type: Option<String>,
    /// Scopes separated by spaces. All scopes of the client if omitted.
    #[schema(example = "snapshots:write snapshots:read")]
    scope: Option<String>,
    /// ID of the client, unless HTTP Basic carries it.
    client_id: Option<String>,
    /// Secret of the client, unless HTTP Basic carries it.
    #[schema(format = Password)]
    client_secret: Option<String>,
}

/// An access token (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = AccessToken)]
struct TokenAnswer {
    /// Token to send as `Authorization: Bearer …`.
    access_token: String,
    /// Type of the token.
    #[schema(value_type = names::TokenType)]
    token_type: &'static str,
    /// Lifetime of the token in seconds.
    #[schema(example = 900)]
    expires_in: u32,
    /// Scopes that were granted, separated by spaces.
    #[schema(example = "snapshots:write snapshots:read")]
    scope: String,
}

/// An error in the form of OAuth (RFC 6749, section 5.2).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenError)]
struct TokenRefusal {
    /// Error code of OAuth.
    #[schema(value_type = names::TokenErrorCode)]
    error: &'static str,
    /// Description of the error and its remedy.
    #[schema(example = "client_id and client_secret are required")]
    error_description: String,
}

/// Request an access token
///
/// Exchanges client credentials for an access token. Send the client's ID and secret in the form or as HTTP Basic. Errors
/// have the form of RFC 6749, section 5.2, which OAuth libraries read.
#[utoipa::path(
    operation_id = "issue_token",
    tag = "tokens",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "An access token, valid for 15 minutes.", body = TokenAnswer),
        (status = 400, description = "The token request is invalid.", body = TokenRefusal, content_type = "application/json"),
        (
            status = 401,
            description = "The client is unknown or the secret is wrong.",
            body = TokenRefusal,
            content_type = "application/json",
        ),
    ),
)]
#[post("/oauth/token")]
pub async fn issue(request: HttpRequest, service: Service, body: Body) -> Result<HttpResponse, Problem> {
    let body = body.receive_form().await?;
    let sent = Sent { media_type: media_type(&request), authorization: credentials::sent(&request) };
    let issued = match service.issue_token(&request, move || read(&sent, &body), refusal).await? {
        Ok(issued) => issued,
        Err(refusal) => return Ok(refuse(&refusal)),
    };
    let scopes: Vec<&str> = issued.scopes.iter().map(|scope| scope.name()).collect();
    let answer = TokenAnswer {
        access_token: issued.access_token,
        token_type: "Bearer",
        expires_in: issued.expires_in,
        scope: scopes.join(" "),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(answer))
}

/// The headers that a request for a token is read with.
struct Sent {
    media_type: String,
    authorization: Option<HeaderValue>,
}

fn refused(error: &'static str, description: &str) -> TokenRefusal {
    TokenRefusal { error, error_description: description.to_owned() }
}

fn read(sent: &Sent, body: &[u8]) -> Result<Credentials, TokenRefusal> {
    let invalid = |description| refused("invalid_request", description);
    if sent.media_type != "application/x-www-form-urlencoded" {
        return Err(invalid("send a form with Content-Type: application/x-www-form-urlencoded"));
    }
    let form: TokenRequest = serde_urlencoded::from_bytes(body)
        .map_err(|_| invalid("the form can't be read, or has a field twice"))?;
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            return Err(refused(
                "unsupported_grant_type",
                "only the grant type client_credentials is supported",
            ));
        }
        None => return Err(invalid("grant_type is missing: send client_credentials")),
    }
    let (id, secret) = match (basic(sent.authorization.as_ref())?, form.client_id, form.client_secret) {
        (Some((id, secret)), other, None) if other.as_ref().is_none_or(|other| *other == id) => (id, secret),
        (Some(_), ..) => return Err(invalid("send the credentials once, in the form or as HTTP Basic")),
        (None, Some(id), Some(secret)) => (id, secret),
        (None, ..) => return Err(refused("invalid_client", "client_id and client_secret are required")),
    };
    Ok(Credentials { client: id, secret, scope: form.scope })
}

/// The credentials of HTTP Basic, each form-encoded as RFC 6749, section 2.3.1, says.
fn basic(authorization: Option<&HeaderValue>) -> Result<Option<(String, String)>, TokenRefusal> {
    let Some(authorization) = authorization else { return Ok(None) };
    let read = credentials::basic(authorization).ok_or_else(|| {
        refused("invalid_client", "the Authorization header isn't HTTP Basic with the client's ID and secret")
    })?;
    let decoded = |part: &str| {
        let text = format!("x={part}");
        form_urlencoded::parse(text.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    Ok(Some((decoded(read.username()), decoded(read.password()))))
}

fn refusal(error: IssueTokenError) -> Result<TokenRefusal, Problem> {
    let name = match &error {
        IssueTokenError::InvalidClient => "invalid_client",
        IssueTokenError::Suspended => "unauthorized_client",
        IssueTokenError::InvalidScope => "invalid_scope",
        IssueTokenError::Token(_) | IssueTokenError::Hash(_) => return Err(Problem::internal(chain(&error))),
        IssueTokenError::Store(_) => {
            return Err(match error {
                IssueTokenError::Store(error) => error.into(),
                other => Problem::internal(chain(&other)),
            });
        }
    };
    Ok(refused(name, &error.to_string()))
}

fn refuse(refusal: &TokenRefusal) -> HttpResponse {
    let mut answer = if refusal.error == "invalid_client" {
        let mut answer = HttpResponse::Unauthorized();
        answer.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"peerbench\""));
        answer
    } else {
        HttpResponse::BadRequest()
    };
    answer.insert_header((header::CACHE_CONTROL, "no-store")).json(refusal)
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    use super::*;

    fn ask(authorization: Option<&str>, form: &str) -> Result<Credentials, TokenRefusal> {
        let media_type = "application/x-www-form-urlencoded".to_owned();
        let authorization = authorization.map(|value| HeaderValue::from_str(value).unwrap());
        read(&Sent { media_type, authorization }, form.as_bytes())
    }

    #[test]
    fn credentials_come_in_the_form_or_as_basic_but_not_both() {
        let asked =
            ask(None, "grant_type=client_credentials&client_id=a&client_secret=b%2Bc&scope=x+y").unwrap();
        assert_eq!(
            (asked.client.as_str(), asked.secret.as_str(), asked.scope.as_deref()),
            ("a", "b+c", Some("x y"))
        );
        let basic = format!("Basic {}", BASE64_STANDARD.encode("a:b%2Bc"));
        let asked = ask(Some(&basic), "grant_type=client_credentials").unwrap();
        assert_eq!((asked.client.as_str(), asked.secret.as_str()), ("a", "b+c"));
        let both = ask(Some(&basic), "grant_type=client_credentials&client_id=a&client_secret=b");
        assert_eq!(both.err().unwrap().error, "invalid_request");
    }

    #[test]
    fn every_refusal_has_its_name() {
        for (authorization, form, error) in [
            (None, "", "invalid_request"),
            (None, "grant_type=password&username=u", "unsupported_grant_type"),
            (None, "grant_type=client_credentials", "invalid_client"),
            (None, "grant_type=client_credentials&client_id=a", "invalid_client"),
            (None, "grant_type=client_credentials&client_id=a&client_id=b", "invalid_request"),
            (Some("Bearer x"), "grant_type=client_credentials", "invalid_client"),
            (Some("Basic %%%"), "grant_type=client_credentials", "invalid_client"),
        ] {
            assert_eq!(ask(authorization, form).err().unwrap().error, error, "{form}");
        }
    }
}
