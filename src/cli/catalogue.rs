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
    /// Write the compact files that the program carries, from a STIX bundle.
    Bundle(bundle::BundleArgs),
    /// Add an ATT&CK version to the database, or replace one, from a STIX bundle.
    Import(import::Args),
    /// Let releases be computed in a version, bundled or imported: the newest one that is enabled is used.
    Enable(enable::Args),
    /// Keep releases from being computed in a version; snapshots may still name it.
    Disable(enable::Args),
    /// The ATT&CK versions that are bundled or imported.
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
