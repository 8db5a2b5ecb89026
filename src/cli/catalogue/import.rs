//! `peerbench catalogue import`: an ATT&CK version from MITRE's own bundle.

use std::path::PathBuf;

use serde::Serialize;

use super::file::{self, FileError};
use crate::{
    app::{
        App, Caller,
        import_catalogue::{ImportCatalogueError, import_catalogue},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Report},
        progress::Progress,
    },
    domain::attack::AttackVersion,
};

/// Arguments of `peerbench catalogue import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench catalogue import enterprise-attack.json")]
pub struct Args {
    /// STIX 2.0 or 2.1 bundle of Enterprise ATT&CK, plain or gzip.
    file: PathBuf,
    /// ATT&CK version of the bundle, needed only if the bundle doesn't state it.
    #[arg(long, value_name = "VERSION")]
    attack_version: Option<AttackVersion>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Imported {
    version: AttackVersion,
    /// Sub-techniques included.
    active_techniques: usize,
    groups: usize,
    /// True if the version was there before.
    replaced: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical: Option<AttackVersion>,
}

impl Report for Imported {
    fn text(&self) -> String {
        let Self { version, active_techniques, groups, replaced, canonical } = self;
        let done = if *replaced { "replaced" } else { "added" };
        let canonical =
            canonical.map(|version| format!(" Comparisons use ATT&CK {version}.")).unwrap_or_default();
        format!(
            "ATT&CK {version} {done}: {active_techniques} active techniques, {groups} groups.{canonical} A running service \
             picks it up within seconds.\n"
        )
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let progress = Progress::start(&format!("Reading {}", args.file.display()), 0);
    let read = file::catalogue(&args.file, args.attack_version);
    progress.finish(if read.is_ok() { "done." } else { "refused." });
    let catalogue = read.map_err(refused)?;
    let outcome = import_catalogue(app, &Caller::console(), &catalogue).map_err(|error| match error {
        ImportCatalogueError::Compact(error) => Failure::refused(sentence(&error)),
        ImportCatalogueError::Start(error) => error.into(),
        ImportCatalogueError::Store(error) => error.into(),
    })?;
    let imported = Imported {
        version: catalogue.version(),
        active_techniques: catalogue.active().count(),
        groups: catalogue.groups().len(),
        replaced: outcome.replaced,
        canonical: outcome.canonical,
    };
    output::print(&imported, args.format)
}

fn refused(error: FileError) -> Failure {
    let hint = if error.asks_for_a_version() { " Name it with --attack-version." } else { "" };
    Failure::refused(format!("{error}{hint} Nothing was imported."))
}
