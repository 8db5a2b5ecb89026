//! The log of who did what. It names objects by id and never says what was in them.

use chrono::{DateTime, Utc};

use super::{access::ClientId, named::named};

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

named! {
    /// The action that was taken.
    pub enum Action("action of the audit log") {
        OrganisationCreated = "organisation.created",
        OrganisationProfileChanged = "organisation.profile_changed",
        OrganisationRenamed = "organisation.renamed",
        OrganisationVerified = "organisation.verified",
        OrganisationUnverified = "organisation.unverified",
        OrganisationSuspended = "organisation.suspended",
        ClientCreated = "client.created",
        ClientRevoked = "client.revoked",
        SnapshotUploaded = "snapshot.uploaded",
        SnapshotWithdrawn = "snapshot.withdrawn",
        /// Something was asked for by an id that is not the tenant's.
        AccessRefused = "access.refused",
        CatalogueImported = "catalogue.imported",
        CatalogueEnabled = "catalogue.enabled",
        CatalogueDisabled = "catalogue.disabled",
        ReleasePublished = "release.published",
        QuarantineCleared = "quarantine.cleared",
        WriterTrusted = "writer.trusted",
        WriterDistrusted = "writer.distrusted",
        ClientChanged = "client.changed",
        SecretAdded = "client.secret_added",
        SecretRemoved = "client.secret_removed",
        GapDecided = "gap.decided",
        GapForgotten = "gap.forgotten",
    }
}
