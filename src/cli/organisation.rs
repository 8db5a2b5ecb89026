//! `peerbench organisation`: the operator's members, on the database directly.

mod create;
mod import;
mod list;
mod standing;
mod update;

use clap::Subcommand;

use super::{Failure, app};
use crate::{domain::organisation::Standing, settings::Settings};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a member. It counts once you verify it.
    Create(create::Args),
    /// List all members in the order in which they were added.
    List(list::Args),
    /// Change a member's writer: the one who uploads for it.
    #[command(
        after_help = "Example:\n  peerbench organisation update 01a20c52-faf1-7b3f-aefe-d790a4bb4f0a --writer example-integrator"
    )]
    Update(update::Args),
    /// Verify members, so that they contribute and read comparisons.
    #[command(after_help = "Example:\n  peerbench organisation verify 01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    Verify(standing::Args),
    /// Suspend members. They no longer contribute or read comparisons, and their tokens stop working.
    #[command(after_help = "Example:\n  peerbench organisation suspend 01a20c52-faf1-7b3f-aefe-d790a4bb4f0a")]
    Suspend(standing::Args),
    /// Add members from a CSV file, either all of them or none.
    Import(import::Args),
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    match command {
        Command::Create(args) => create::run(args, &app),
        Command::List(args) => list::run(args, &app),
        Command::Update(args) => update::run(args, &app),
        Command::Verify(args) => standing::run(args, &app, Standing::Verified),
        Command::Suspend(args) => standing::run(args, &app, Standing::Suspended),
        Command::Import(args) => import::run(args, &app),
    }
}
