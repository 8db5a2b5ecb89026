//! `peerbench writer`: trust in writers, who upload for several members.

use clap::Subcommand;
use serde::Serialize;

use super::{
    Failure, Format, app,
    output::{self, Report},
};
use crate::{
    app::{
        Caller,
        trust_writer::{TrustWriterError, trust_writer},
    },
    cli::failure::sentence,
    settings::Settings,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Count a writer's uploads as changes of each organisation, instead of one change.
    #[command(after_help = "Example:\n  peerbench writer trust example-integrator")]
    Trust {
        /// Name of the writer, as declared with `peerbench organisation update --writer`.
        name: String,
        /// Trust it no longer.
        #[arg(long)]
        revoke: bool,
        /// Output format.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Serialize)]
struct Trust<'a> {
    writer: &'a str,
    trusted: bool,
}

impl Report for Trust<'_> {
    fn text(&self) -> String {
        let Self { writer, trusted } = self;
        match trusted {
            true => {
                format!("{writer} is trusted: from the next release on each organisation's change counts.\n")
            }
            false => format!("{writer} is not trusted: from the next release on its changes count as one.\n"),
        }
    }
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    let Command::Trust { name, revoke, format } = command;
    trust_writer(&app, &Caller::console(), name, !revoke).map_err(|error| match error {
        TrustWriterError::Store(error) => error.into(),
        unnamed @ TrustWriterError::Unnamed => Failure::refused(sentence(&unnamed)),
    })?;
    output::print(&Trust { writer: name.trim(), trusted: !revoke }, *format)
}
