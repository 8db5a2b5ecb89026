//! Gives an organisation, or the operator, a client.

use thiserror::Error;

use super::{
    App, Caller, KeyReused,
    idempotency::{Outcome, Request, fingerprint, once},
    log,
};
use crate::{
    auth::ClientSecret,
    domain::{
        access::{Client, ClientId, Scope},
        audit::Action,
        organisation::{OrganisationId, Tenant},
    },
    store::{StoreError, audit, client, organisation},
};

/// A new client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    pub client: Client,
    /// Shown this once. `None` where the request was a repetition: the secret is not kept, so who lost it revokes this
    /// client and creates another.
    pub secret: Option<ClientSecret>,
}

/// The reason why there is no new client.
#[derive(Debug, Error)]
pub enum CreateClientError {
    #[error("no organisation has this ID")]
    UnknownOrganisation,
    #[error("the scope {0} is not available to this client")]
    ScopeRefused(Scope),
    #[error("a client needs at least one scope")]
    NoScope,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Creates a client of `organisation`, or of the operator where that is `None`. Without `scopes` it gets every scope
/// that it can have. Whether the caller may do this for that organisation is the caller's to have checked.
pub fn create_client(
    app: &App,
    caller: &Caller,
    organisation: Option<&OrganisationId>,
    scopes: Option<&[Scope]>,
    idempotency_key: Option<&str>,
) -> Result<Created, CreateClientError> {
    let allowed: &[Scope] = if organisation.is_some() { &Scope::MEMBER } else { &[Scope::PlatformAdmin] };
    let mut scopes = scopes.unwrap_or(allowed).to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(CreateClientError::NoScope);
    }
    if let Some(refused) = scopes.iter().find(|scope| !allowed.contains(scope)) {
        return Err(CreateClientError::ScopeRefused(*refused));
    }
    let secret = ClientSecret::generate(app.entropy.as_ref());
    let hash = secret.hash(app.entropy.as_ref()).to_string();
    let created = Client {
        id: ClientId::new(app.new_id()),
        organisation: organisation.cloned(),
        scopes,
        created_at: app.clock.now(),
        revoked_at: None,
    };
    let request = Request {
        tenant: caller.tenant(),
        client: &caller.client,
        key: idempotency_key,
        operation: "create_client",
        fingerprint: fingerprint(format!("{organisation:?} {:?}", created.scopes).as_bytes()),
    };
    let outcome: Outcome<Client> = app.db.write("create_client", |conn| {
        once(conn, app, &request, |conn| {
            if let Some(id) = organisation {
                organisation::get(conn, id)?.ok_or(CreateClientError::UnknownOrganisation)?;
            }
            client::insert(conn, &created, &hash)?;
            let entry = log::entry(app, &caller.client, Action::ClientCreated, created.id.as_str());
            if caller.organisation.is_none() {
                audit::record(conn, Tenant::Platform, std::slice::from_ref(&entry))?;
            }
            if let Some(id) = organisation {
                audit::record(conn, Tenant::Organisation(id), &[entry])?;
            }
            Ok::<_, CreateClientError>(created.clone())
        })
    })?;
    let secret = (!outcome.replayed).then_some(secret);
    Ok(Created { client: outcome.value, secret })
}
