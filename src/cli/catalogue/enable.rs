//! `peerbench catalogue enable` and `disable`.

use serde::Serialize;

use crate::{
    app::{
        App, Caller,
        enable_catalogue::{EnableCatalogueError, enable_catalogue},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Report},
    },
    domain::attack::AttackVersion,
};

/// Arguments of `peerbench catalogue enable` and `disable`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// ATT&CK version, as listed by `peerbench catalogue list`.
    version: AttackVersion,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Outcome {
    version: AttackVersion,
    enabled: bool,
    canonical: AttackVersion,
}

impl Report for Outcome {
    fn text(&self) -> String {
        let Self { version, enabled, canonical } = self;
        let done = if *enabled { "enabled" } else { "disabled" };
        format!("ATT&CK {version} is {done}. Comparisons use {canonical}.\n")
    }
}

pub fn run(args: &Args, enabled: bool, app: &App) -> Result<(), Failure> {
    let version = args.version;
    let canonical =
        enable_catalogue(app, &Caller::console(), version, enabled).map_err(|error| match error {
            EnableCatalogueError::Start(error) => error.into(),
            EnableCatalogueError::Store(error) => error.into(),
            refused => Failure::refused(sentence(&refused)),
        })?;
    output::print(&Outcome { version, enabled, canonical }, args.format)
}
