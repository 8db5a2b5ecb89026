//! `peerbench snapshot check`: asks the service whether it would accept a snapshot.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::{preview, upload::package};
use crate::{
    cli::{
        Failure, Format,
        output::{self, Report},
        remote::Remote,
    },
    domain::attack::AttackVersion,
    settings::Settings,
};

/// Arguments of `peerbench snapshot check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench snapshot check snapshot.json")]
pub struct Args {
    /// Snapshot file, as written by `snapshot build`.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let package = package(&args.file, None)?;
    let answer: Value = Remote::sign_in(settings)?
        .post("/v1/snapshots/check", &package.upload)
        .map_err(|failure| failure.about(&args.file.display()))?;
    output::print(&Checked { answer, attack: package.attack }, args.format)
}

/// The answer of the service.
#[derive(Serialize)]
#[serde(transparent)]
struct Checked {
    answer: Value,
    #[serde(skip)]
    attack: Option<AttackVersion>,
}

impl Report for Checked {
    fn text(&self) -> String {
        let cells = preview::cells(self.answer.get("cells"));
        let preview = preview::text(self.answer.get("preview"), self.attack);
        match self.answer.get("loss").and_then(Value::as_str) {
            Some(loss) => {
                format!("The service would accept this snapshot only with --replace: {loss}.\n{preview}")
            }
            None => format!("The service would accept this snapshot ({cells}).\n{preview}"),
        }
    }
}
