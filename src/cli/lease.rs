//! `peerbench lease`: what one process holds so that no other does the same at the same time.

use clap::Subcommand;

use super::{Failure, app, output};
use crate::{
    app::lease::{PUBLICATION, clear},
    settings::Settings,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// End the lease of a process that is gone, so that the next publication needn't wait for it to run out. A process that
    /// still publishes starts again.
    #[command(after_help = "Example:\n  peerbench lease clear")]
    Clear,
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    match command {
        Command::Clear => {
            let said = match clear(&app, PUBLICATION)? {
                true => "The lease on publication is cleared.\n",
                false => "Nobody holds the lease on publication.\n",
            };
            output::text(said)
        }
    }
}
