//! `peerbench release list`.

use super::item::Item;
use crate::{
    app::{App, Page, list_releases::list_releases},
    cli::{
        Failure, Format,
        output::{self, Items, told},
        report::{Align, Table},
    },
};

/// Arguments of `peerbench release list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let releases =
        Page::all(|before, limit| list_releases(app, before.and_then(|number| number.parse().ok()), limit))?;
    let items: Vec<Item> = releases.into_iter().map(Item::of).collect();
    if args.format == Format::Json {
        return output::json(&Items { items });
    }
    if items.is_empty() {
        return output::text("Nothing has been published yet: `peerbench release publish` does it.\n");
    }
    let headings = ["release", "cut-off", "ATT&CK", "preset", "digest"];
    let mut table = Table::new(&headings.map(|heading| (heading, Align::Left)));
    for item in items {
        let Item { number, cut_off, attack, preset, digest, .. } = item;
        table.row(vec![number.to_string(), told(cut_off), attack.to_string(), preset, digest]);
    }
    output::text(&table.to_string())
}
