//! `peerbench snapshot withdraw`: erases a snapshot from the service.

use serde::Serialize;

use super::told::id;
use crate::{
    cli::{
        Failure, Format,
        output::{self, Report},
        remote::Remote,
    },
    domain::snapshot::SnapshotId,
    settings::Settings,
};

/// Arguments of `peerbench snapshot withdraw`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench snapshot withdraw 01a20bd7-6820-7085-91c7-d703078d34cd")]
pub struct Args {
    /// ID of the snapshot: see `snapshot list`. The service erases it for good.
    #[arg(value_parser = id)]
    id: SnapshotId,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Withdrawn<'a> {
    withdrawn: &'a SnapshotId,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    Remote::sign_in(settings)?.delete(&format!("/v1/snapshots/{}", args.id))?;
    output::print(&Withdrawn { withdrawn: &args.id }, args.format)
}

impl Report for Withdrawn<'_> {
    fn text(&self) -> String {
        format!(
            "Erased {}. Your own numbers change at once, also those of earlier releases; published tables stay, and the \
             next release is computed without it.\n",
            self.withdrawn
        )
    }
}
