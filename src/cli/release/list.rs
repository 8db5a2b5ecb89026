//! `peerbench release list`.

use super::item::Item;
use crate::{
    app::{App, Page, list_releases::list_releases},
    cli::{
        Failure, Format,
        output::{self, Items, Report, told},
    },
    report::table::{Align, Table},
};

/// Arguments of `peerbench release list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench release list")]
pub struct Args {
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let releases =
        Page::all(|before, limit| list_releases(app, before.and_then(|number| number.parse().ok()), limit))?;
    output::print(&Items { items: releases.into_iter().map(Item::of).collect() }, args.format)
}

impl Report for Items<Item> {
    fn text(&self) -> String {
        if self.items.is_empty() {
            return "Nothing has been published yet: `peerbench release publish` does it.\n".to_owned();
        }
        let headings = ["release", "cut-off", "ATT&CK", "preset", "digest"];
        let mut table = Table::new(&headings.map(|heading| (heading, Align::Left)));
        for Item { number, cut_off, attack, preset, digest, .. } in &self.items {
            let cells =
                [number.to_string(), told(*cut_off), attack.to_string(), preset.clone(), digest.clone()];
            table.row(cells.to_vec());
        }
        table.to_string()
    }
}
