//! Clients as answers show them, and what a new one is asked for with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::create_client::{CreateClientError, Created},
    domain::access::{Client, Scope},
    http::{
        problem::{FieldError, Problem},
        reply::moment,
    },
};

/// A program that may ask for tokens.
#[derive(Serialize, ToSchema)]
pub struct ClientItem {
    pub client_id: String,
    /// The most that its tokens can do.
    #[schema(example = json!(["snapshots:write"]))]
    scopes: Vec<&'static str>,
    #[schema(format = DateTime)]
    created_at: String,
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

/// A new client.
#[derive(Serialize, ToSchema)]
pub struct NewClient {
    #[serde(flatten)]
    pub client: ClientItem,
    /// Shown this once. Left out where the request repeats an earlier one: whoever lost the secret revokes this client and
    /// creates another.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl From<Created> for NewClient {
    fn from(created: Created) -> Self {
        let client_secret = created.secret.map(|secret| secret.reveal().to_owned());
        Self { client: created.client.into(), client_secret }
    }
}

/// What a new client may do.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientRequest {
    /// All that a member's client can have, if left out.
    #[schema(example = json!(["snapshots:write", "snapshots:read", "comparisons:read"]))]
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
