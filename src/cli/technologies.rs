//! `peerbench technologies`: the technologies that snapshots, columns and changes may name.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Failure, Format, output, remote::Remote};
use crate::{
    report::{
        table::{Align, Table},
        text::fitted,
    },
    settings::Settings,
};

/// Arguments of `peerbench technologies`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench technologies")]
pub struct Args {
    /// Output format. `json` is the service's own answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize, Deserialize)]
struct Technologies {
    items: Vec<Technology>,
}

#[derive(Serialize, Deserialize)]
struct Technology {
    id: String,
    name: String,
    family: String,
    kind: String,
    platforms: Vec<String>,
    components: Vec<String>,
    native_detections: bool,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let technologies: Technologies = Remote::of(settings)?.get("/v1/technologies?limit=1000")?;
    match args.format {
        Format::Text => output::page(&technologies),
        Format::Json => output::json(&technologies),
    }
}

impl fmt::Display for Technologies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&[
            ("technology", Align::Whole),
            ("", Align::Left),
            ("family", Align::Whole),
            ("platforms", Align::Left),
            ("", Align::Left),
        ]);
        for Technology { id, name, family, platforms, native_detections, .. } in &self.items {
            let note = if *native_detections { "detects by itself, too" } else { "" };
            table.row(vec![id.clone(), name.clone(), family.clone(), platforms.join(", "), note.to_owned()]);
        }
        let table = fitted(&table, f);
        write!(
            f,
            "Technologies that rules can read. Name another one other.FAMILY or other.unknown.\n\n{table}"
        )
    }
}
