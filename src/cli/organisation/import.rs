//! `peerbench organisation import`: many members from a CSV file.

use std::{fs, path::PathBuf};

use serde::Serialize;

use crate::{
    app::{
        App, Caller,
        import_organisations::{ImportOrganisationsError, LineError, columns, import_organisations, listed},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Report, counted},
    },
    domain::organisation::OrganisationId,
};

/// Arguments of `peerbench organisation import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench organisation import members.csv")]
pub struct Args {
    #[arg(help = help())]
    file: PathBuf,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Imported {
    /// In the order of the file.
    ids: Vec<OrganisationId>,
}

impl Report for Imported {
    fn text(&self) -> String {
        let mut text = format!(
            "Added {}. They count once you verify them with `peerbench organisation verify`:\n",
            counted(self.ids.len(), "organisation", "organisations")
        );
        for id in &self.ids {
            text.push_str(&format!("{id}\n"));
        }
        text
    }
}

fn help() -> String {
    let header = columns().collect::<Vec<_>>().join(",");
    format!(
        "CSV file with the header `{header}`. The last two columns are optional; separate platforms with `;`"
    )
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let path = args.file.display();
    let csv =
        fs::read(&args.file).map_err(|error| Failure::refused(format!("Can't read {path}: {error}.")))?;
    let ids = import_organisations(app, &Caller::console(), &csv, None).map_err(|error| match error {
        ImportOrganisationsError::Invalid(errors) => {
            let lines = errors.iter().map(|error| format!("\n{path}{}", told(error))).collect::<String>();
            Failure::refused(format!(
                "Nothing was imported. The columns are {}. Correct these lines and import the file again:{lines}",
                listed()
            ))
        }
        ImportOrganisationsError::KeyReused(error) => Failure::refused(sentence(&error)),
        ImportOrganisationsError::Store(error) => error.into(),
    })?;
    output::print(&Imported { ids }, args.format)
}

fn told(error: &LineError) -> String {
    let line = if error.line > 0 { format!(":{}", error.line) } else { String::new() };
    let column = error.column.as_ref().map(|column| format!(" {column}:")).unwrap_or_default();
    format!("{line}:{column} {}", error.detail)
}
