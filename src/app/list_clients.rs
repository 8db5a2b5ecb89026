//! A tenant's clients.

use super::{App, Page};
use crate::{
    domain::{
        access::{Client, ClientId},
        organisation::Tenant,
    },
    store::{StoreError, client},
};

/// In the order of creation, revoked ones too.
pub fn list_clients(
    app: &App,
    tenant: Tenant<'_>,
    after: Option<&ClientId>,
    limit: u32,
) -> Result<Page<Client>, StoreError> {
    let clients = app.db.read(|conn| client::list(conn, tenant, after, limit.saturating_add(1)))?;
    Ok(Page::of(clients, limit, |client| client.id.to_string()))
}
