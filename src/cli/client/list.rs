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
        output::{self, Items, Report, told},
    },
    domain::access::{Client, ClientId, Scope},
    report::table::{Align, Table},
};

/// Arguments of `peerbench client list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench client list --operator")]
pub struct Args {
    #[command(flatten)]
    owner: Owner,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Item {
    client_id: ClientId,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    scopes: Vec<Scope>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    /// To the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

impl Report for Items<Item> {
    fn text(&self) -> String {
        if self.items.is_empty() {
            return "There is no client yet. Create one with `peerbench client create`.\n".to_owned();
        }
        let headings = ["client id", "name", "created", "last used", "expires", "revoked", "scopes"];
        let mut table = Table::new(&headings.map(|heading| (heading, Align::Left)));
        let at = |moment: &Option<DateTime<Utc>>| moment.map(told).unwrap_or_default();
        for Item { client_id, name, scopes, created_at, expires_at, last_used_at, revoked_at } in &self.items
        {
            table.row(vec![
                client_id.to_string(),
                name.clone(),
                told(*created_at),
                at(last_used_at),
                at(expires_at),
                at(revoked_at),
                names(scopes),
            ]);
        }
        table.to_string()
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let owner = args.owner.organisation(app)?;
    let clients = Page::all(|after, limit| {
        list_clients(app, tenant(owner.as_ref()), after.map(ClientId::new).as_ref(), limit)
    })?;
    let items = clients.into_iter().map(|client: Client| Item {
        client_id: client.id,
        name: client.name,
        scopes: client.scopes,
        created_at: client.created_at,
        expires_at: client.expires_at,
        last_used_at: client.last_used_at,
        revoked_at: client.revoked_at,
    });
    output::print(&Items { items: items.collect() }, args.format)
}
