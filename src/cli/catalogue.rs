//! `peerbench catalogue`: ATT&CK versions from STIX bundles.

pub mod bundle;
mod enable;
pub mod file;
mod import;
mod list;

use clap::Subcommand;

use super::{Failure, app, output};
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the compact files that ship with the program from a STIX bundle.
    Bundle(bundle::BundleArgs),
    /// Add or replace an ATT&CK version from a STIX bundle.
    Import(import::Args),
    /// Enable a version for releases. Releases use the newest enabled version.
    #[command(after_help = "Example:\n  peerbench catalogue enable 19.0")]
    Enable(enable::Args),
    /// Disable a version for releases. Snapshots may still use it.
    #[command(after_help = "Example:\n  peerbench catalogue disable 19.0")]
    Disable(enable::Args),
    /// List the bundled and imported versions.
    List(list::Args),
}

/// `settings` are read only by what needs a database.
pub fn run(command: &Command, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    let open = || app::open(&settings()?, app::Schema::Require);
    match command {
        Command::Import(args) => import::run(args, &open()?),
        Command::Enable(args) => enable::run(args, true, &open()?),
        Command::Disable(args) => enable::run(args, false, &open()?),
        Command::List(args) => list::run(args, &open()?),
        Command::Bundle(args) => {
            let bundled = bundle::run(args).map_err(Failure::refused)?;
            output::text(&format!(
                "ATT&CK {}: {} active techniques, {} groups.\n",
                bundled.version, bundled.active_techniques, bundled.groups
            ))
        }
    }
}
