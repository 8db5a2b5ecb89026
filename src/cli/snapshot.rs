//! `peerbench snapshot`: build, check and upload coverage snapshots.

mod check;
mod preview;
mod upload;

use clap::Subcommand;

use super::Failure;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask the service whether it would accept a snapshot; nothing is kept.
    Check(check::Args),
    /// Upload a snapshot.
    Upload(upload::Args),
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check::run(args, settings),
        Command::Upload(args) => upload::run(args, settings),
    }
}
