//! `peerbench catalogue bundle`: writes the compact files that the binary carries, from a STIX bundle.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use thiserror::Error;

use super::file::{self, FileError};
use crate::domain::attack::{
    AttackVersion,
    compact::{self, CompactError},
};

/// Arguments of `peerbench catalogue bundle`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  peerbench catalogue bundle enterprise-attack.json -o attack.json")]
pub struct BundleArgs {
    /// STIX 2.0 or 2.1 bundle of Enterprise ATT&CK, plain or gzip.
    pub stix: PathBuf,
    /// Output file for the compact catalogue.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// ATT&CK version of the bundle, needed only if the bundle doesn't state it.
    #[arg(long, value_name = "VERSION")]
    pub attack_version: Option<AttackVersion>,
    /// Output file for the table of data components.
    #[arg(long, value_name = "FILE")]
    pub components: Option<PathBuf>,
}

/// The reason why the compact files could not be made.
#[derive(Debug, Error)]
pub enum BundleError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "{path} has no data components for its techniques (ATT&CK has them since version 18), so there is no table to \
         write."
    )]
    NoComponents { path: PathBuf },
    #[error(transparent)]
    Compact(#[from] CompactError),
    #[error("{path} cannot be written: {source}.")]
    Write { path: PathBuf, source: io::Error },
}

/// The files that were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    pub version: AttackVersion,
    pub active_techniques: usize,
    pub groups: usize,
    /// Techniques with data components, if that table was asked for.
    pub with_components: Option<usize>,
}

/// Reads the bundle and writes the files; nothing is written unless all of it could be read.
pub fn run(args: &BundleArgs) -> Result<Bundled, BundleError> {
    let refused = |source| FileError::Stix { path: args.stix.clone(), source };
    let bundle = file::bundle(&args.stix)?;
    let catalogue = bundle.catalogue(args.attack_version).map_err(refused)?;
    let text = compact::to_json(&catalogue)?;
    let table = match &args.components {
        Some(path) => {
            let table = bundle.components(args.attack_version).map_err(refused)?;
            if table.techniques.is_empty() {
                return Err(BundleError::NoComponents { path: args.stix.clone() });
            }
            Some((path, compact::components_to_json(&table)?, table.techniques.len()))
        }
        None => None,
    };
    write(&args.output, &text)?;
    if let Some((path, text, _)) = &table {
        write(path, text)?;
    }
    Ok(Bundled {
        version: catalogue.version(),
        active_techniques: catalogue.active().count(),
        groups: catalogue.groups().len(),
        with_components: table.map(|(_, _, count)| count),
    })
}

fn write(path: &Path, text: &str) -> Result<(), BundleError> {
    fs::write(path, text).map_err(|source| BundleError::Write { path: path.to_owned(), source })
}
