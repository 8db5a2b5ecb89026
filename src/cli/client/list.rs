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
    scopes: Vec<Scope>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

impl Report for Items<Item> {
    fn text(&self) -> String {
        if self.items.is_empty() {
            return "There is no client yet. Create one with `peerbench client create`.\n".to_owned();
        }
        let headings = ["client id", "created", "revoked", "scopes"];
        let mut table = Table::new(&headings.map(|heading| (heading, Align::Left)));
        for Item { client_id, scopes, created_at, revoked_at } in &self.items {
            let revoked = revoked_at.map(told).unwrap_or_default();
            table.row(vec![client_id.to_string(), told(*created_at), revoked, names(scopes)]);
        }
        table.to_string()
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let owner = args.owner.organisation(app)?;
    let clients = Page::all(|after, limit| {
        list_clients(app, tenant(owner.as_ref()), after.map(ClientId::new).as_ref(), limit)
    })?;
    let items = clients.into_iter().map(|Client { id, scopes, created_at, revoked_at, .. }| Item {
        client_id: id,
        scopes,
        created_at,
        revoked_at,
    });
    output::print(&Items { items: items.collect() }, args.format)
}
