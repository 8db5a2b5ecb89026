//! `peerbench snapshot show`: one snapshot, as the service has it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::told::{day, id};
use crate::{
    cli::{
        Failure, Format,
        output::{self, Report},
        remote::Remote,
    },
    domain::snapshot::SnapshotId,
    report::table::{Align, Table},
    settings::Settings,
    wire::snapshot::{SnapshotAttack, SnapshotProducer},
};

/// Arguments of `peerbench snapshot show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench snapshot show 01a20bd7-6820-7085-91c7-d703078d34cd")]
pub struct Args {
    /// ID of the snapshot: see `snapshot list`.
    #[arg(value_parser = id)]
    id: SnapshotId,
    /// Output format. `json` has every cell.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let path = format!("/v1/snapshots/{}", args.id);
    let remote = Remote::sign_in(settings)?;
    match args.format {
        Format::Json => output::json(&remote.get::<Value>(&path)?),
        Format::Text => output::text(&remote.get::<Shown>(&path)?.text()),
    }
}

#[derive(Serialize, Deserialize)]
struct Shown {
    id: String,
    uploaded_at: String,
    snapshot: Content,
}

#[derive(Serialize, Deserialize)]
struct Content {
    period: String,
    attack: SnapshotAttack,
    producer: SnapshotProducer,
    basis: String,
    scale: String,
    technologies: Vec<String>,
    complete: Vec<String>,
    cells: Vec<Cell>,
}

#[derive(Serialize, Deserialize)]
struct Cell {
    technique: String,
    technology: String,
    value: Option<i16>,
}

impl Report for Shown {
    fn text(&self) -> String {
        let Self { id, uploaded_at, snapshot } = self;
        let mut table = Table::new(&[
            ("technology", Align::Left),
            ("cells", Align::Right),
            ("above 0", Align::Right),
            ("not assessed", Align::Right),
            ("", Align::Left),
        ]);
        for technology in &snapshot.technologies {
            let cells = || snapshot.cells.iter().filter(|cell| cell.technology == *technology);
            let count = |test: &dyn Fn(&&Cell) -> bool| cells().filter(test).count().to_string();
            let complete = snapshot.complete.contains(technology);
            table.row(vec![
                technology.clone(),
                cells().count().to_string(),
                count(&|cell| cell.value.is_some_and(|value| value > 0)),
                count(&|cell| cell.value.is_none()),
                if complete { "complete: a missing technique counts as 0" } else { "" }.to_owned(),
            ]);
        }
        format!(
            "Snapshot {id}\nUploaded {}, period {}, {} feed {}, basis {}, scale {}, ATT&CK {}\n\n{table}",
            day(uploaded_at),
            snapshot.period,
            snapshot.producer.source,
            snapshot.producer.feed,
            snapshot.basis,
            snapshot.scale,
            snapshot.attack.version,
        )
    }
}
