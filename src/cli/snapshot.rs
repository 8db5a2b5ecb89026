//! `peerbench snapshot`: build, check and upload coverage snapshots, and look at those that the service has.

mod build;
mod check;
mod diff;
mod list;
mod preview;
mod show;
mod told;
mod upload;
mod withdraw;

use clap::Subcommand;

use super::Failure;
use crate::{
    environment::{Clock as _, SystemClock},
    settings::Settings,
};

pub use build::{Args as BuildArgs, run as build};
pub use upload::{file as upload, snapshot_of};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build an anonymised snapshot from rule exports, locally.
    Build(Box<build::Args>),
    /// Check whether the service named by `PEERBENCH_CLIENT_URL`, `_ID` and `_SECRET` would accept a snapshot; stores nothing.
    Check(check::Args),
    /// Upload snapshots to the service.
    Upload(upload::Args),
    /// List your snapshots at the service.
    List(list::Args),
    /// Show one of your snapshots at the service.
    Show(show::Args),
    /// Show the differences between two of your snapshots at the service.
    Diff(diff::Args),
    /// Withdraw one of your snapshots: the service erases it.
    Withdraw(withdraw::Args),
}

/// `settings` are read only by the commands that talk to a service.
pub fn run(command: &Command, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    match command {
        Command::Build(args) => build::run(args, SystemClock.now()),
        Command::Check(args) => check::run(args, &settings()?),
        Command::Upload(args) => upload::run(args, &settings()?),
        Command::List(args) => list::run(args, &settings()?),
        Command::Show(args) => show::run(args, &settings()?),
        Command::Diff(args) => diff::run(args, &settings()?),
        Command::Withdraw(args) => withdraw::run(args, &settings()?),
    }
}
