//! Changes a client of one organisation: its name, scopes and end, and its secrets.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    App, Caller,
    create_client::{CreateClientError, check_texts, granted},
    create_organisation::text_error,
    log,
};
use crate::{
    auth::ClientSecret,
    domain::{
        access::{Client, ClientId, MAX_SECRETS, Scope, SecretId, SecretInfo},
        audit::Action,
        organisation::{OrganisationId, Tenant},
        snapshot::FieldError,
    },
    store::{Conn, StoreError, client, client_secret},
};

/// A client with its secrets, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDetail {
    pub client: Client,
    pub secrets: Vec<SecretInfo>,
}

/// Changes of a client; `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    pub name: Option<String>,
    pub scopes: Option<Vec<Scope>>,
    /// `Some(None)` takes the end away.
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

/// Reasons why nothing changed.
#[derive(Debug, Error)]
pub enum ChangeClientError {
    #[error("there is no such client")]
    UnknownClient,
    #[error("there is no such secret")]
    UnknownSecret,
    #[error("this client is revoked, which is for ever: create another")]
    Revoked,
    #[error("a client has {MAX_SECRETS} secrets at most: remove the old one first")]
    TooManySecrets,
    #[error("this client may do what you may not, and a secret of it would let you")]
    NotHeld,
    #[error("the client has changed since it was read")]
    Stale,
    #[error(transparent)]
    Refused(CreateClientError),
    #[error("the change is refused: {} of its fields cannot be used", .0.len())]
    Invalid(Vec<FieldError>),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Reads a client of the caller's organisation.
pub fn read_client(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    id: &ClientId,
) -> Result<ClientDetail, ChangeClientError> {
    within(app, caller, organisation, id, "read_client", |_, detail| Ok(detail.clone()))
}

/// Changes a client, if `may` says so of what it is now. Nobody gives it what they don't hold; what it has it may keep.
pub fn change_client(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    id: &ClientId,
    change: &Change,
    may: &dyn Fn(&ClientDetail) -> bool,
) -> Result<ClientDetail, ChangeClientError> {
    let now = app.clock.now();
    if let Some(error) = change.name.as_deref().and_then(|name| text_error("/name", name)) {
        return Err(ChangeClientError::Invalid(vec![error]));
    }
    check_texts("", change.expires_at.flatten(), now).map_err(ChangeClientError::Invalid)?;
    within(app, caller, organisation, id, "change_client", |conn, detail| {
        if !may(detail) {
            return Err(ChangeClientError::Stale);
        }
        let mut changed = live(detail)?.clone();
        if let Some(scopes) = &change.scopes {
            let allowed = [caller.may_give(Some(organisation)), changed.scopes.clone()].concat();
            changed.scopes = granted(scopes.clone(), &allowed).map_err(ChangeClientError::Refused)?;
        }
        if let Some(name) = &change.name {
            name.trim().clone_into(&mut changed.name);
        }
        changed.expires_at = change.expires_at.unwrap_or(changed.expires_at);
        if changed != detail.client {
            client::update(conn, &changed)?;
            log::client(conn, app, caller, Action::ClientChanged, &changed)?;
        }
        Ok(ClientDetail { client: changed, secrets: detail.secrets.clone() })
    })
}

/// Gives a client a second secret, so that its program can change over.
pub fn add_secret(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    id: &ClientId,
) -> Result<(SecretInfo, ClientSecret), ChangeClientError> {
    let secret = ClientSecret::generate(app.entropy.as_ref());
    let hash = secret.hash(app.entropy.as_ref()).to_string();
    let info = SecretInfo { id: SecretId::new(app.new_id()), created_at: app.clock.now() };
    within(app, caller, organisation, id, "add_secret", |conn, detail| {
        let client = live(detail)?;
        if client.scopes.iter().any(|scope| !caller.may_give(Some(organisation)).contains(scope)) {
            return Err(ChangeClientError::NotHeld);
        }
        if detail.secrets.len() >= MAX_SECRETS {
            return Err(ChangeClientError::TooManySecrets);
        }
        client_secret::insert(conn, id, &info, &hash)?;
        log::client(conn, app, caller, Action::SecretAdded, client).map_err(ChangeClientError::from)
    })?;
    Ok((info, secret))
}

/// Removes a secret: no token for it any more. Tokens and sessions that the client has live on for the rest of a token's
/// quarter of an hour, whichever secret opened them.
pub fn remove_secret(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    id: &ClientId,
    secret: &SecretId,
) -> Result<(), ChangeClientError> {
    let now = app.clock.now();
    within(app, caller, organisation, id, "remove_secret", |conn, detail| {
        if !client_secret::delete(conn, id, secret)? {
            return Err(ChangeClientError::UnknownSecret);
        }
        client::secret_removed(conn, id, now)?;
        log::client(conn, app, caller, Action::SecretRemoved, &detail.client).map_err(ChangeClientError::from)
    })
}

fn live(detail: &ClientDetail) -> Result<&Client, ChangeClientError> {
    if detail.client.revoked_at.is_some() { Err(ChangeClientError::Revoked) } else { Ok(&detail.client) }
}

/// Does something with a client of the organisation. That somebody asked for another's stays in the log.
fn within<T>(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    id: &ClientId,
    name: &'static str,
    mut work: impl FnMut(&mut Conn, &ClientDetail) -> Result<T, ChangeClientError>,
) -> Result<T, ChangeClientError> {
    app.db.write(name, |conn| {
        let Some(client) = client::get(conn, Tenant::Organisation(organisation), id)? else {
            if let Some(member) = caller.member() {
                log::refused(conn, app, &member, id.as_str())?;
            }
            // The entry is to stay, so this is an outcome and not a failure of the transaction.
            return Ok(Err(ChangeClientError::UnknownClient));
        };
        let secrets = client_secret::list(conn, id)?;
        work(conn, &ClientDetail { client, secrets }).map(Ok)
    })?
}
