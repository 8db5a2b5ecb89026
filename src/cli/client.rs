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
    /// Create a client for an organisation or for the operator. Shows its secret once.
    Create(create::Args),
    /// List the clients of an organisation or of the operator.
    List(list::Args),
    /// Revoke a client. It can't get new tokens, and its current tokens stop working immediately.
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
