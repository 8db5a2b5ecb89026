//! `peerbench client`: the credentials of members and of the operator, on the database directly.

mod create;
mod list;
mod revoke;

use clap::Subcommand;

use super::{Failure, app, organisation};
use crate::{
    app::{
        App,
        read_organisation::{ReadOrganisationError, read_organisation},
    },
    domain::organisation::{OrganisationId, Tenant},
    settings::Settings,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give an organisation, or yourself, a client. Its secret is shown this once.
    Create(create::Args),
    /// The clients of an organisation, or the operator's own.
    List(list::Args),
    /// Take a client its rights: no new tokens, and those that it has stop working.
    Revoke(revoke::Args),
}

/// Whose clients.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Owner {
    /// The organisation's id, as `peerbench organisation list` shows it.
    #[arg(long, value_name = "ID")]
    organisation: Option<String>,
    /// The operator of the platform, who administers it over the API.
    #[arg(long)]
    operator: bool,
}

impl Owner {
    /// The organisation, which must exist, or `None` for the operator.
    fn organisation(&self, app: &App) -> Result<Option<OrganisationId>, Failure> {
        let Some(id) = &self.organisation else { return Ok(None) };
        match read_organisation(app, &OrganisationId::new(id)) {
            Ok(organisation) => Ok(Some(organisation.id)),
            Err(ReadOrganisationError::UnknownOrganisation) => Err(organisation::unknown(&[id])),
            Err(ReadOrganisationError::Store(error)) => Err(error.into()),
        }
    }
}

fn tenant(organisation: Option<&OrganisationId>) -> Tenant<'_> {
    organisation.map_or(Tenant::Platform, Tenant::Organisation)
}

pub fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let app = app::open(settings, app::Schema::Require)?;
    match command {
        Command::Create(args) => create::run(args, &app),
        Command::List(args) => list::run(args, &app),
        Command::Revoke(args) => revoke::run(args, &app),
    }
}
