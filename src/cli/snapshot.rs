//! `peerbench snapshot`: build, check and upload coverage snapshots.

mod build;
mod check;
mod preview;
mod upload;

use clap::Subcommand;

use super::Failure;
use crate::{
    environment::{Clock as _, SystemClock},
    settings::Settings,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build an anonymised snapshot from rule exports, locally.
    Build(Box<build::Args>),
    /// Check whether the service named by `PEERBENCH_CLIENT_URL`, `_ID` and `_SECRET` would accept a snapshot; stores nothing.
    Check(check::Args),
    /// Upload snapshots to that service.
    Upload(upload::Args),
}

/// `settings` are read only by the commands that talk to a service.
pub fn run(command: &Command, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    match command {
        Command::Build(args) => build::run(args, SystemClock.now()),
        Command::Check(args) => check::run(args, &settings()?),
        Command::Upload(args) => upload::run(args, &settings()?),
    }
}
