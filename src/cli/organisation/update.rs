//! `peerbench organisation update`.

use serde::Serialize;

use crate::{
    app::{
        App, Caller,
        update_organisation::{Change, UpdateOrganisationError, update_organisation},
    },
    cli::{
        Failure, Format,
        failure::sentence,
        output::{self, Report},
    },
    domain::organisation::OrganisationId,
};

/// Arguments of `peerbench organisation update`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// ID, as `peerbench organisation list` shows it.
    #[arg(value_name = "ID")]
    id: String,
    /// Writer that uploads for it from now on; an empty name stands for the organisation itself. Uploads of one writer for several
    /// organisations count as one change.
    #[arg(long, value_name = "NAME")]
    writer: String,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Updated {
    id: OrganisationId,
    #[serde(skip)]
    name: String,
    writer: Option<String>,
}

impl Report for Updated {
    fn text(&self) -> String {
        let Self { id, name, writer } = self;
        match writer {
            Some(writer) => format!("{writer} uploads for {name} ({id}) from now on.\n"),
            None => format!("{name} ({id}) uploads for itself from now on.\n"),
        }
    }
}

pub fn run(args: &Args, app: &App) -> Result<(), Failure> {
    let (id, change) =
        (OrganisationId::new(&args.id), Change { writer: Some(args.writer.clone()), ..Change::default() });
    let updated =
        update_organisation(app, &Caller::console(), &id, &change).map_err(|error| match error {
            UpdateOrganisationError::UnknownOrganisation => Failure::unknown_organisations(&[&args.id]),
            UpdateOrganisationError::Store(error) => error.into(),
            invalid => Failure::refused(sentence(&invalid)),
        })?;
    output::print(&Updated { id: updated.id, name: updated.name, writer: updated.writer }, args.format)
}
