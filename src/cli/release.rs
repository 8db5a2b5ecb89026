//! `peerbench release`: the published statistics of the community.

mod item;
mod list;
mod publish;
mod readiness;
pub mod saved;
mod verify;

use clap::Subcommand;

use super::{Failure, app};
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Publish the next release from the current snapshots. This can't be undone. For the operator, on the service's own
    /// database.
    Publish(publish::Args),
    /// List the published releases, latest first. For the operator, on the service's own database.
    List(list::Args),
    /// Show how close the next release is: contributors per cohort, how many are missing, and what to do. For the operator, on the
    /// service's own database.
    Readiness(readiness::Args),
    /// Verify offline, from saved files, that a release is what the service signed. For everyone.
    Verify(verify::Args),
}

/// `settings` are read only by what needs a database or a service.
pub fn run(command: &Command, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    let open = |settings: Settings| app::open(&settings, app::Schema::Require);
    match command {
        Command::Publish(args) => publish::run(args, &open(settings()?)?),
        Command::List(args) => list::run(args, &open(settings()?)?),
        Command::Readiness(args) => readiness::run(args, &open(settings()?)?),
        Command::Verify(args) => verify::run(args, settings),
    }
}
