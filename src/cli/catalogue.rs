//! `peerbench catalogue`: ATT&CK versions from STIX bundles.

pub mod bundle;
pub mod file;

use clap::Subcommand;

use super::{Failure, output};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the compact files that the program carries, from a STIX bundle.
    Bundle(bundle::BundleArgs),
}

pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Bundle(args) => {
            let bundled = bundle::run(&args).map_err(Failure::refused)?;
            output::text(&format!(
                "ATT&CK {}: {} active techniques, {} groups.\n",
                bundled.version, bundled.active_techniques, bundled.groups
            ))
        }
    }
}
