//! `peerbench client`: the credentials of members and of the operator, on the database directly.

mod create;
mod list;
mod owner;
mod revoke;

use clap::Subcommand;

use super::{Failure, app};
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give an organisation, or yourself, a client. Its secret is shown this once.
    Create(create::Args),
    /// The clients of an organisation, or the operator's own.
    List(list::Args),
    /// Take a client its rights: no new tokens, and those that it has stop working.
    Revoke(revoke::Args),
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    match command {
        Command::Create(args) => create::run(args, &app),
        Command::List(args) => list::run(args, &app),
        Command::Revoke(args) => revoke::run(args, &app),
    }
}
