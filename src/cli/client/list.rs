//! `peerbench client list`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    create::names,
    owner::{Owner, tenant},
};
use crate::{
    app::{App, Page, list_clients::list_clients},
    cli::{
        Failure, Format,
        output::{self, Items, told},
        report::{Align, Table},
    },
    domain::access::{Client, ClientId, Scope},
};

/// Arguments of `peerbench client list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    owner: Owner,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Item {
    client_id: ClientId,
    scopes: Vec<Scope>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let owner = args.owner.organisation(app)?;
    let clients = Page::all(|after, limit| {
        list_clients(app, tenant(owner.as_ref()), after.map(ClientId::new).as_ref(), limit)
    })?;
    if args.format == Format::Json {
        let items = clients.into_iter().map(|Client { id, scopes, created_at, revoked_at, .. }| Item {
            client_id: id,
            scopes,
            created_at,
            revoked_at,
        });
        return output::json(&Items { items: items.collect() });
    }
    if clients.is_empty() {
        return output::text("There is no client yet: make one with `peerbench client create`.\n");
    }
    let mut table =
        Table::new(&["client id", "created", "revoked", "scopes"].map(|name| (name, Align::Left)));
    for client in clients {
        let revoked = client.revoked_at.map(told).unwrap_or_default();
        table.row(vec![client.id.to_string(), told(client.created_at), revoked, names(&client.scopes)]);
    }
    output::text(&table.to_string())
}
