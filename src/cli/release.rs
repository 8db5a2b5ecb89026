//! `peerbench release`: what the community may see of itself.

mod item;
mod list;
mod publish;
mod readiness;
mod verify;

use clap::Subcommand;

use super::{Failure, app};
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Close and publish the next release from what is uploaded now. It cannot be taken back.
    Publish(publish::Args),
    /// Every published release, the latest first.
    List(list::Args),
    /// How far the next release is: contributors per cohort, what is missing, and whom to remind.
    Readiness(readiness::Args),
    /// Check, from saved files, that a release is what the service signed and its tables are as they were published.
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
