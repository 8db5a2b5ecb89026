//! `peerbench console`: the comparison in the consoles of other products.

mod export;
mod push;
mod rows;
mod serve;
mod target;

use clap::Subcommand;

use super::Failure;
use crate::{connect::ConnectError, settings::Settings};

pub use push::{Args as PushArgs, run as push};
pub use target::{caller, named, needed};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send the rows that a console doesn't have yet.
    Push(Box<push::Args>),
    /// Serve a console's page with your comparison on your own machine.
    #[command(
        subcommand,
        after_help = "Example:\n  peerbench console serve checkpoint --listen 127.0.0.1:8443"
    )]
    Serve(serve::Command),
    /// Write what is installed in a console, with the address of your service in it.
    Export(export::Args),
}

/// `settings` are read only by the commands that talk to a service.
pub fn run(command: &Command, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    match command {
        Command::Push(args) => push::run(args, &settings()?),
        Command::Serve(command) => serve::run(command, &settings()?),
        Command::Export(args) => export::run(args, settings),
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let told = error.to_string();
        match error {
            ConnectError::Refused(_) => Self::Refused(told),
            ConnectError::Console(_) | ConnectError::Unfinished(_) => Self::Remote(told),
        }
    }
}
