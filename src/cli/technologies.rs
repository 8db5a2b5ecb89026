//! `peerbench technologies`: the technologies that snapshots, columns and changes may name.

use serde::{Deserialize, Serialize};

use super::{
    Failure, Format,
    output::{self, Report},
    remote::Remote,
};
use crate::{
    report::table::{Align, Table},
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
    output::print(&technologies, args.format)
}

impl Report for Technologies {
    fn text(&self) -> String {
        let headings = ["technology", "", "family", "platforms", ""];
        let mut table = Table::new(&headings.map(|heading| (heading, Align::Left)));
        for Technology { id, name, family, platforms, native_detections, .. } in &self.items {
            let note = if *native_detections { "detects by itself, too" } else { "" };
            table.row(vec![id.clone(), name.clone(), family.clone(), platforms.join(", "), note.to_owned()]);
        }
        format!(
            "Technologies that rules can read. Name another one other.FAMILY or other.unknown.\n\n{table}"
        )
    }
}
