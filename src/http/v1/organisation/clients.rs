//! Clients as answers show them, and the request for a new one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::create_client::{CreateClientError, Created},
    domain::access::{Client, Scope},
    http::{
        problem::{FieldError, Problem},
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
    /// Scopes that its tokens can have.
    #[schema(value_type = Vec<names::ScopeName>)]
    scopes: Vec<&'static str>,
    /// Time of the creation.
    #[schema(format = DateTime)]
    created_at: String,
    /// Time of the revocation. Absent if the client isn't revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

impl From<Client> for ClientItem {
    fn from(client: Client) -> Self {
        Self {
            client_id: client.id.to_string(),
            scopes: client.scopes.into_iter().map(Scope::name).collect(),
            created_at: moment(client.created_at),
            revoked_at: client.revoked_at.map(moment),
        }
    }
}

/// A new client with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientCredentials)]
pub struct NewClient {
    #[serde(flatten)]
    pub client: ClientItem,
    /// Secret of the client. It is shown once: absent if the request repeats an earlier one. If you lose the secret, revoke
    /// the client and create another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pbs_example")]
    client_secret: Option<String>,
}

impl From<Created> for NewClient {
    fn from(created: Created) -> Self {
        let client_secret = created.secret.map(|secret| secret.reveal().to_owned());
        Self { client: created.client.into(), client_secret }
    }
}

/// The scopes of a new client.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientRequest {
    /// Scopes that the client's tokens can have. All scopes of a member if omitted.
    #[schema(value_type = Option<Vec<names::ScopeName>>)]
    scopes: Option<Vec<String>>,
}

impl ClientRequest {
    /// The scopes, or every name that is none.
    pub fn scopes(self) -> Result<Option<Vec<Scope>>, Problem> {
        let Some(names) = self.scopes else { return Ok(None) };
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
}

impl From<CreateClientError> for Problem {
    fn from(error: CreateClientError) -> Self {
        match error {
            CreateClientError::UnknownOrganisation => Self::not_found("organisation"),
            CreateClientError::ScopeRefused(_) | CreateClientError::NoScope => {
                Self::invalid([FieldError::at("/scopes", error.to_string())])
            }
            CreateClientError::KeyReused(error) => error.into(),
            CreateClientError::Store(error) => error.into(),
        }
    }
}
