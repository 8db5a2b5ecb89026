//! `peerbench catalogue list`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    app::{
        App,
        list_catalogues::{Known, list_catalogues},
    },
    cli::{
        Failure, Format,
        output::{self, Items, Report, told},
    },
    domain::attack::AttackVersion,
    report::table::{Align, Table},
};

/// Arguments of `peerbench catalogue list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench catalogue list")]
pub struct Args {
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Item {
    version: AttackVersion,
    /// Sub-techniques included.
    active_techniques: usize,
    groups: usize,
    enabled: bool,
    /// Comparisons are made in it.
    canonical: bool,
    /// Not there for a version that the program carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    imported_at: Option<DateTime<Utc>>,
}

impl Item {
    fn of(known: &Known) -> Self {
        Self {
            version: known.catalogue.version(),
            active_techniques: known.catalogue.active().count(),
            groups: known.catalogue.groups().len(),
            enabled: known.enabled,
            canonical: known.canonical,
            imported_at: known.imported_at,
        }
    }

    fn usage(&self) -> &'static str {
        match (self.canonical, self.enabled) {
            (true, _) => "used for comparisons",
            (_, true) => "enabled; a newer version is used",
            _ => "for snapshots only; not enabled for releases",
        }
    }
}

impl Report for Items<Item> {
    fn text(&self) -> String {
        let mut table = Table::new(&[
            ("ATT&CK", Align::Right),
            ("techniques", Align::Right),
            ("groups", Align::Right),
            ("from", Align::Left),
            ("use", Align::Left),
        ]);
        for item in &self.items {
            let from =
                item.imported_at.map_or_else(|| "bundled".to_owned(), |at| format!("imported {}", told(at)));
            let numbers =
                [item.version.to_string(), item.active_techniques.to_string(), item.groups.to_string()];
            table.row(numbers.into_iter().chain([from, item.usage().to_owned()]).collect());
        }
        table.to_string()
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    output::print(&Items { items: list_catalogues(app)?.iter().map(Item::of).collect() }, args.format)
}
