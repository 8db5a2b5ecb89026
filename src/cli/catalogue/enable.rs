//! `peerbench catalogue enable` and `disable`.

use serde::Serialize;

use crate::{
    app::{
        App, Caller,
        enable_catalogue::{EnableCatalogueError, enable_catalogue},
    },
    cli::{Failure, Format, failure::sentence, output},
    domain::attack::AttackVersion,
};

/// Arguments of `peerbench catalogue enable` and `disable`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An ATT&CK version, as `peerbench catalogue list` shows it.
    version: AttackVersion,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Outcome {
    version: AttackVersion,
    enabled: bool,
    canonical: AttackVersion,
}

pub fn run(args: &Args, enabled: bool, app: &App) -> Result<(), Failure> {
    let version = args.version;
    let canonical =
        enable_catalogue(app, &Caller::console(), version, enabled).map_err(|error| match error {
            EnableCatalogueError::Start(error) => error.into(),
            EnableCatalogueError::Store(error) => error.into(),
            refused => Failure::refused(sentence(&refused)),
        })?;
    if args.format == Format::Json {
        return output::json(&Outcome { version, enabled, canonical });
    }
    let done = if enabled { "enabled" } else { "disabled" };
    output::text(&format!("ATT&CK {version} is {done}. Comparisons are made in {canonical}.\n"))
}
