//! `peerbench config`: every setting, its meaning and its value.

use serde::Serialize;

use super::{
    Failure, Format,
    output::{self, Report},
};
use crate::settings::{self, Settings};

/// Arguments of `peerbench config`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench config > peerbench.toml")]
pub struct Args {
    /// Output format; `text` is a commented settings file.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Item {
    key: String,
    /// As TOML writes it.
    value: Option<String>,
    environment: String,
    meaning: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Entries<'a> {
    items: Vec<Item>,
    #[serde(skip)]
    settings: &'a Settings,
}

impl Report for Entries<'_> {
    fn text(&self) -> String {
        settings::toml(self.settings)
    }
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let items = settings.entries().into_iter().map(|entry| Item {
        key: entry.path(),
        environment: entry.variable(),
        value: entry.value,
        meaning: entry.meaning,
    });
    output::print(&Entries { items: items.collect(), settings }, args.format)
}
