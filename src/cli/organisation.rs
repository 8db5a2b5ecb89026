//! `peerbench organisation`: the operator's members, on the database directly.

mod create;
mod import;
mod list;
mod standing;

use clap::Subcommand;

use super::{Failure, app};
use crate::{domain::organisation::Standing, settings::Settings};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a member. It counts once it is verified.
    Create(create::Args),
    /// All members, in the order in which they were added.
    List(list::Args),
    /// Let members contribute and read comparisons.
    Verify(standing::Args),
    /// Take members out: their tokens stop working, and they no longer count.
    Suspend(standing::Args),
    /// Add many members from a CSV file: all of them, or none.
    Import(import::Args),
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    match command {
        Command::Create(args) => create::run(args, &app),
        Command::List(args) => list::run(args, &app),
        Command::Verify(args) => standing::run(args, &app, Standing::Verified),
        Command::Suspend(args) => standing::run(args, &app, Standing::Suspended),
        Command::Import(args) => import::run(args, &app),
    }
}
