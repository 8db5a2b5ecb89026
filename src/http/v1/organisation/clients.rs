//! Clients as answers show them, and the request for a new one.

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{
        change_client::{Change, ChangeClientError, ClientDetail},
        create_client::{self, CreateClientError, Created},
    },
    auth::ClientSecret,
    domain::access::{Client, Scope, SecretInfo},
    http::{
        failures::sentence,
        problem::{FieldError, Kind, Problem},
        reply::moment,
    },
    wire::names,
};

/// A client: a program that may request access tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientItem {
    /// ID of the client.
    #[schema(example = "01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    pub client_id: String,
    /// Purpose of the client, in its owner's words. Absent if none was given.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    name: String,
    /// Scopes that its tokens can have.
    #[schema(value_type = Vec<names::ScopeName>)]
    scopes: Vec<&'static str>,
    /// Time of the creation.
    #[schema(format = DateTime)]
    created_at: String,
    /// ID of the client that created it. `console` is the operator at the command line. Absent if unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
    /// Time from which on it gets no tokens and its tokens are invalid. Absent if it doesn't expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Time of its last token, to the hour. Absent if it never got one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// Time of the revocation. Absent if the client isn't revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

/// A client with the IDs of its secrets.
#[derive(Serialize, ToSchema)]
pub struct ClientWithSecrets {
    #[serde(flatten)]
    pub client: ClientItem,
    /// Secrets of the client, at most two, the older first.
    secrets: Vec<SecretItem>,
}

/// A secret of a client, without the secret itself.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientSecret)]
pub struct SecretItem {
    /// ID of the secret.
    pub secret_id: String,
    /// Time of the creation of the secret.
    #[schema(format = DateTime)]
    created_at: String,
}

/// A new secret of a client.
#[derive(Serialize, ToSchema)]
pub struct NewSecret {
    #[serde(flatten)]
    pub secret: SecretItem,
    /// The secret itself, shown only this once.
    client_secret: String,
}

impl From<SecretInfo> for SecretItem {
    fn from(secret: SecretInfo) -> Self {
        Self { secret_id: secret.id.to_string(), created_at: moment(secret.created_at) }
    }
}

impl From<(SecretInfo, ClientSecret)> for NewSecret {
    fn from((info, secret): (SecretInfo, ClientSecret)) -> Self {
        Self { secret: info.into(), client_secret: secret.reveal().to_owned() }
    }
}

impl From<ClientDetail> for ClientWithSecrets {
    fn from(detail: ClientDetail) -> Self {
        let secrets = detail.secrets.into_iter().map(SecretItem::from).collect();
        Self { client: detail.client.into(), secrets }
    }
}

impl From<Client> for ClientItem {
    fn from(client: Client) -> Self {
        Self {
            client_id: client.id.to_string(),
            name: client.name,
            scopes: client.scopes.into_iter().map(Scope::name).collect(),
            created_at: moment(client.created_at),
            created_by: client.created_by.map(|id| id.to_string()),
            expires_at: client.expires_at.map(moment),
            last_used_at: client.last_used_at.map(moment),
            revoked_at: client.revoked_at.map(moment),
        }
    }
}

/// A new client with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientCredentials)]
pub struct NewClient {
    #[serde(flatten)]
    pub client: ClientWithSecrets,
    /// Secret of the client. It is shown once: absent if the request repeats an earlier one. If you lose the secret, give
    /// the client another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pbs_example")]
    client_secret: Option<String>,
}

impl From<Created> for NewClient {
    fn from(created: Created) -> Self {
        let client_secret = created.secret.map(|secret| secret.reveal().to_owned());
        let detail = ClientDetail { client: created.client, secrets: created.secrets };
        Self { client: detail.into(), client_secret }
    }
}

/// Name, scopes and expiry of a new client.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientRequest {
    /// Purpose of the client, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// Scopes that the client's tokens can have. All that your own token has if omitted.
    #[schema(value_type = Option<Vec<names::ScopeName>>)]
    scopes: Option<Vec<String>>,
    /// Time from which on the client is invalid. Without it, the client doesn't expire.
    #[schema(format = DateTime, example = "2027-12-31T00:00:00Z")]
    expires_at: Option<String>,
}

/// Changes of a client. Omitted properties keep their values.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientChange {
    /// Purpose of the client, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// Scopes that its tokens can have. Scopes that your own token lacks can be kept or removed, but not added.
    #[schema(value_type = Option<Vec<names::ScopeName>>)]
    scopes: Option<Vec<String>>,
    /// Time from which on the client is invalid.
    #[schema(format = DateTime, example = "2027-12-31T00:00:00Z")]
    expires_at: Option<String>,
}

impl ClientRequest {
    pub fn new(name: Option<String>, scopes: Option<Vec<String>>, expires_at: Option<String>) -> Self {
        Self { name, scopes, expires_at }
    }

    pub fn read(self) -> Result<create_client::NewClient, Problem> {
        let name = self.name.unwrap_or_default();
        let expires_at = self.expires_at.as_deref().map(end).transpose()?;
        Ok(create_client::NewClient { name, scopes: scopes(self.scopes)?, expires_at })
    }
}

impl ClientChange {
    pub fn read(self) -> Result<Change, Problem> {
        let expires_at = self.expires_at.as_deref().map(end).transpose()?.map(Some);
        Ok(Change { name: self.name, scopes: scopes(self.scopes)?, expires_at })
    }
}

fn end(text: &str) -> Result<DateTime<Utc>, Problem> {
    let refused =
        |_| Problem::invalid([FieldError::at("/expires_at", "must be a time such as 2027-12-31T00:00:00Z")]);
    text.parse::<DateTime<Utc>>().map(|end| end.trunc_subsecs(6)).map_err(refused)
}

/// Returns the scopes, or every unknown name.
fn scopes(names: Option<Vec<String>>) -> Result<Option<Vec<Scope>>, Problem> {
    let Some(names) = names else { return Ok(None) };
    let (mut scopes, mut errors) = (Vec::new(), Vec::new());
    for (position, name) in names.iter().enumerate() {
        match name.parse() {
            Ok(scope) => scopes.push(scope),
            Err(error) => {
                let error: crate::domain::named::UnknownName = error;
                errors.push(FieldError::at(format!("/scopes/{position}"), error.to_string()));
            }
        }
    }
    if errors.is_empty() { Ok(Some(scopes)) } else { Err(Problem::invalid(errors)) }
}

impl From<ChangeClientError> for Problem {
    fn from(error: ChangeClientError) -> Self {
        match error {
            ChangeClientError::UnknownClient => Self::not_found("client"),
            ChangeClientError::UnknownSecret => Self::not_found("secret"),
            ChangeClientError::Revoked | ChangeClientError::TooManySecrets => {
                Self::new(Kind::Conflict, sentence(&error))
            }
            ChangeClientError::NotHeld => Self::new(Kind::Forbidden, sentence(&error)),
            ChangeClientError::Stale => Self::stale(),
            ChangeClientError::Refused(error) => error.into(),
            ChangeClientError::Invalid(errors) => Self::invalid(errors),
            ChangeClientError::Store(error) => error.into(),
        }
    }
}

impl From<CreateClientError> for Problem {
    fn from(error: CreateClientError) -> Self {
        match error {
            CreateClientError::UnknownOrganisation => Self::not_found("organisation"),
            CreateClientError::ScopeRefused(_) | CreateClientError::NoScope => {
                Self::invalid([FieldError::at("/scopes", error.to_string())])
            }
            CreateClientError::Invalid(errors) => Self::invalid(errors),
            CreateClientError::Quota(error) => error.into(),
            CreateClientError::KeyReused(error) => error.into(),
            CreateClientError::Store(error) => error.into(),
        }
    }
}
