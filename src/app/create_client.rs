//! Gives an organisation, or the operator, a client.

use chrono::{DateTime, Days, Utc};
use thiserror::Error;

use super::{
    App, Caller, KeyReused, QuotaExceeded,
    create_organisation::text_error,
    idempotency::{Outcome, Request, fingerprint, once},
    log,
};
use crate::{
    auth::ClientSecret,
    domain::{
        access::{Client, ClientId, Scope, SecretId, SecretInfo},
        audit::Action,
        organisation::OrganisationId,
        snapshot::FieldError,
    },
    store::{StoreError, client, client_secret, organisation},
};

/// Maximum lifetime of a client that expires, in days.
const MOST_DAYS: u64 = 3_650;

/// A new client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    pub client: Client,
    pub secrets: Vec<SecretInfo>,
    /// Shown this once. `None` where the request was a repetition: the secret is not kept, so who lost it revokes this
    /// client and creates another.
    pub secret: Option<ClientSecret>,
}

/// The reason why there is no new client.
#[derive(Debug, Error)]
pub enum CreateClientError {
    #[error("no organisation has this ID")]
    UnknownOrganisation,
    #[error("the scope {0} is not available to this client, or your own token lacks it")]
    ScopeRefused(Scope),
    #[error("a client needs at least one scope")]
    NoScope,
    #[error("the client is refused: {} of its fields cannot be used", .0.len())]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Quota(#[from] QuotaExceeded),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Properties of a new client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewClient {
    pub name: String,
    /// All that the caller may give where `None`.
    pub scopes: Option<Vec<Scope>>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Creates a client of `organisation`, or of the operator where that is `None`, without a name and an end.
pub fn create_client(
    app: &App,
    caller: &Caller,
    organisation: Option<&OrganisationId>,
    scopes: Option<&[Scope]>,
    idempotency_key: Option<&str>,
) -> Result<Created, CreateClientError> {
    let new = NewClient { scopes: scopes.map(<[Scope]>::to_vec), ..NewClient::default() };
    create_named_client(app, caller, organisation, new, idempotency_key)
}

/// Creates a client. Whether the caller may do this for that organisation is the caller's to have checked; that it gives
/// nothing that it doesn't hold is checked here.
pub fn create_named_client(
    app: &App,
    caller: &Caller,
    organisation: Option<&OrganisationId>,
    new: NewClient,
    idempotency_key: Option<&str>,
) -> Result<Created, CreateClientError> {
    let allowed = caller.may_give(organisation);
    let usual: &[Scope] = if organisation.is_some() { &allowed } else { &[Scope::PlatformAdmin] };
    let scopes = granted(new.scopes.unwrap_or_else(|| usual.to_vec()), &allowed)?;
    let now = app.clock.now();
    check_texts(&new.name, new.expires_at, now).map_err(CreateClientError::Invalid)?;
    let secret = ClientSecret::generate(app.entropy.as_ref());
    let hash = secret.hash(app.entropy.as_ref()).to_string();
    let created = Client {
        id: ClientId::new(app.new_id()),
        organisation: organisation.cloned(),
        scopes,
        created_at: now,
        revoked_at: None,
        name: new.name.trim().to_owned(),
        created_by: Some(caller.client.clone()),
        expires_at: new.expires_at,
        last_used_at: None,
    };
    let info = SecretInfo { id: SecretId::new(app.new_id()), created_at: now };
    let said = format!("{organisation:?} {:?} {:?} {:?}", created.scopes, created.name, created.expires_at);
    let request = Request {
        tenant: caller.tenant(),
        client: &caller.client,
        key: idempotency_key,
        operation: "create_client",
        fingerprint: fingerprint(said.as_bytes()),
    };
    let outcome: Outcome<Client> = app.db.write("create_client", |conn| {
        once(conn, app, &request, |conn| {
            if let Some(id) = organisation {
                organisation::get(conn, id)?.ok_or(CreateClientError::UnknownOrganisation)?;
                app.quotas.admit_client(client::count(conn, id, now)?)?;
            }
            client::insert(conn, &created)?;
            client_secret::insert(conn, &created.id, &info, &hash)?;
            log::client(conn, app, caller, Action::ClientCreated, &created)?;
            Ok::<_, CreateClientError>(created.clone())
        })
    })?;
    let secret = (!outcome.replayed).then_some(secret);
    let secrets = app.db.read(|conn| client_secret::list(conn, &outcome.value.id))?;
    Ok(Created { client: outcome.value, secrets, secret })
}

/// Scopes in order, each once, where all of them may be given.
pub(super) fn granted(mut scopes: Vec<Scope>, allowed: &[Scope]) -> Result<Vec<Scope>, CreateClientError> {
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(CreateClientError::NoScope);
    }
    match scopes.iter().find(|scope| !allowed.contains(scope)) {
        Some(refused) => Err(CreateClientError::ScopeRefused(*refused)),
        None => Ok(scopes),
    }
}

/// Everything that is wrong with a client's name and end.
pub(super) fn check_texts(
    name: &str,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Vec<FieldError>> {
    let mut errors: Vec<FieldError> = Some(name)
        .filter(|name| !name.is_empty())
        .and_then(|name| text_error("/name", name))
        .into_iter()
        .collect();
    let latest = now.checked_add_days(Days::new(MOST_DAYS));
    if expires_at.is_some_and(|end| end <= now || latest.is_none_or(|latest| end > latest)) {
        let detail = format!("must be in the future, and at most {MOST_DAYS} days from now");
        errors.push(FieldError { pointer: "/expires_at".to_owned(), detail });
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
