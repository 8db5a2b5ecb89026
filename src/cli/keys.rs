//! `peerbench keys`: which signing keys the database knows.

use clap::Subcommand;

use super::{
    Failure,
    app::{self, Schema},
    output,
};
use crate::{app::signing_keys::accept, auth::Keys, environment::SystemEntropy, settings::Settings};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Let services start with the signing key of this data directory, too. Tokens of another key stop working where a
    /// service runs with this one.
    #[command(after_help = "Example:\n  peerbench keys accept")]
    Accept,
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    match command {
        Command::Accept => {
            let db = app::database(settings, Schema::Require)?;
            let keys = Keys::open(&settings.general.data_dir, &SystemEntropy)?;
            accept(&db, &keys)?;
            output::text(&format!("The signing key {} is accepted.\n", keys.kid()))
        }
    }
}
