//! `peerbench config`: every setting, its meaning and its value.

use serde::Serialize;

use super::{Failure, Format, output};
use crate::settings::{self, Settings};

/// Arguments of `peerbench config`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// `text` is a commented settings file.
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

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    match args.format {
        Format::Text => output::text(&settings::toml(settings)),
        Format::Json => {
            let items = settings.entries().into_iter().map(|entry| Item {
                key: entry.path(),
                environment: entry.variable(),
                value: entry.value,
                meaning: entry.meaning,
            });
            output::json(&items.collect::<Vec<_>>())
        }
    }
}
