//! `peerbench snapshot list`: the snapshots that the service has of a member.

use std::fmt;

use serde::Deserialize;

use crate::{
    cli::{
        Failure,
        ask::{Form, Question, print},
        remote::Remote,
    },
    report::{
        table::{Align, Table},
        text::fitted,
    },
    settings::Settings,
    wire::snapshot::SnapshotPage,
};

/// Arguments of `peerbench snapshot list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench snapshot list")]
pub struct Args {
    /// Number of snapshots to list, the latest upload first. 100 if omitted.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: Option<u32>,
    /// Output format. `json` and `csv` are the service's own answers.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// A page of snapshots as text.
#[derive(Deserialize)]
#[serde(transparent)]
struct Snapshots(SnapshotPage);

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let path = Question::new("/v1/snapshots").with("limit", args.limit).in_form(args.format).finish();
    print::<Snapshots>(&Remote::sign_in(settings)?, &path, args.format)
}

impl fmt::Display for Snapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SnapshotPage { items, next } = &self.0;
        if items.is_empty() {
            return writeln!(
                f,
                "The service has no snapshot of yours. `peerbench snapshot upload` sends one."
            );
        }
        let mut table = Table::new(&[
            ("ID", Align::Whole),
            ("uploaded", Align::Whole),
            ("period", Align::Whole),
            ("source", Align::Left),
            ("basis", Align::Left),
            ("ATT&CK", Align::Whole),
            ("technologies", Align::Right),
            ("cells", Align::Right),
        ]);
        for snapshot in items {
            table.row(vec![
                snapshot.id.clone(),
                snapshot.day().to_string(),
                snapshot.period.clone(),
                snapshot.producer.named(),
                snapshot.basis.clone(),
                snapshot.attack.version.clone(),
                snapshot.technologies.len().to_string(),
                snapshot.cells.to_string(),
            ]);
        }
        writeln!(f, "Your snapshots, the latest upload first\n")?;
        write!(f, "{}", fitted(&table, f))?;
        if next.is_some() { writeln!(f, "  There are more: see --limit.") } else { Ok(()) }
    }
}
