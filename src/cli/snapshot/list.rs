//! `peerbench snapshot list`: the snapshots that the service has of a member.

use serde::{Deserialize, Serialize};

use super::told::{Snapshot, day};
use crate::{
    cli::{
        Failure, Format,
        ask::Question,
        output::{self, Report},
        remote::Remote,
    },
    report::table::{Align, Table},
    settings::Settings,
};

/// Arguments of `peerbench snapshot list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench snapshot list")]
pub struct Args {
    /// Number of snapshots to list, the latest upload first.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize, Deserialize)]
struct Snapshots {
    items: Vec<Snapshot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let path = Question::new("/v1/snapshots").with("limit", Some(args.limit)).finish();
    let snapshots: Snapshots = Remote::sign_in(settings)?.get(&path)?;
    output::print(&snapshots, args.format)
}

impl Report for Snapshots {
    fn text(&self) -> String {
        if self.items.is_empty() {
            return "The service has no snapshot of yours. `peerbench snapshot upload` sends one.\n"
                .to_owned();
        }
        let mut table = Table::new(&[
            ("ID", Align::Left),
            ("uploaded", Align::Left),
            ("period", Align::Left),
            ("source", Align::Left),
            ("basis", Align::Left),
            ("ATT&CK", Align::Left),
            ("technologies", Align::Right),
            ("cells", Align::Right),
        ]);
        for snapshot in &self.items {
            table.row(vec![
                snapshot.id.clone(),
                day(&snapshot.uploaded_at),
                snapshot.period.clone(),
                snapshot.feed(),
                snapshot.basis.clone(),
                snapshot.attack.version.clone(),
                snapshot.technologies.len().to_string(),
                snapshot.cells.to_string(),
            ]);
        }
        let more = if self.next.is_some() { "  There are more: see --limit.\n" } else { "" };
        format!("Your snapshots, the latest upload first\n\n{table}{more}")
    }
}
