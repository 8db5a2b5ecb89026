//! The log of who did what. It names objects by id and never says what was in them.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::access::ClientId;

/// One line of a tenant's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub at: DateTime<Utc>,
    pub actor: ClientId,
    pub action: Action,
    /// The id of what was acted on.
    pub object: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    OrganisationCreated,
    OrganisationProfileChanged,
    OrganisationRenamed,
    OrganisationVerified,
    OrganisationUnverified,
    OrganisationSuspended,
    ClientCreated,
    ClientRevoked,
    SnapshotUploaded,
    SnapshotWithdrawn,
    /// Something was asked for by an id that is not the tenant's.
    AccessRefused,
    CatalogueImported,
    CatalogueEnabled,
    CatalogueDisabled,
    ReleasePublished,
    QuarantineCleared,
}

/// An action that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown action of the audit log")]
pub struct UnknownAction;

impl Action {
    pub const ALL: [Self; 16] = [
        Self::OrganisationCreated,
        Self::OrganisationProfileChanged,
        Self::OrganisationRenamed,
        Self::OrganisationVerified,
        Self::OrganisationUnverified,
        Self::OrganisationSuspended,
        Self::ClientCreated,
        Self::ClientRevoked,
        Self::SnapshotUploaded,
        Self::SnapshotWithdrawn,
        Self::AccessRefused,
        Self::CatalogueImported,
        Self::CatalogueEnabled,
        Self::CatalogueDisabled,
        Self::ReleasePublished,
        Self::QuarantineCleared,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::OrganisationCreated => "organisation.created",
            Self::OrganisationProfileChanged => "organisation.profile_changed",
            Self::OrganisationRenamed => "organisation.renamed",
            Self::OrganisationVerified => "organisation.verified",
            Self::OrganisationUnverified => "organisation.unverified",
            Self::OrganisationSuspended => "organisation.suspended",
            Self::ClientCreated => "client.created",
            Self::ClientRevoked => "client.revoked",
            Self::SnapshotUploaded => "snapshot.uploaded",
            Self::SnapshotWithdrawn => "snapshot.withdrawn",
            Self::AccessRefused => "access.refused",
            Self::CatalogueImported => "catalogue.imported",
            Self::CatalogueEnabled => "catalogue.enabled",
            Self::CatalogueDisabled => "catalogue.disabled",
            Self::ReleasePublished => "release.published",
            Self::QuarantineCleared => "quarantine.cleared",
        }
    }
}

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|action| action.name() == text).ok_or(UnknownAction)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
