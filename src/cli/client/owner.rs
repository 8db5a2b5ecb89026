//! The owner of the clients that a command is about.

use crate::{
    app::{
        App,
        read_organisation::{ReadOrganisationError, read_organisation},
    },
    cli::Failure,
    domain::organisation::{OrganisationId, Tenant},
};

/// The owner of clients.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Owner {
    /// Organisation ID, as listed by `peerbench organisation list`.
    #[arg(long, value_name = "ID")]
    pub organisation: Option<String>,
    /// The operator, who administers the platform over the API.
    #[arg(long)]
    operator: bool,
}

impl Owner {
    /// The organisation, which must exist, or `None` for the operator.
    pub fn organisation(&self, app: &App) -> Result<Option<OrganisationId>, Failure> {
        let Some(id) = &self.organisation else { return Ok(None) };
        match read_organisation(app, &OrganisationId::new(id)) {
            Ok(organisation) => Ok(Some(organisation.id)),
            Err(ReadOrganisationError::UnknownOrganisation) => Err(Failure::unknown_organisations(&[id])),
            Err(ReadOrganisationError::Store(error)) => Err(error.into()),
        }
    }
}

pub fn tenant(organisation: Option<&OrganisationId>) -> Tenant<'_> {
    organisation.map_or(Tenant::Platform, Tenant::Organisation)
}
