//! Clients and what their tokens may do.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    named::{id, named},
    organisation::OrganisationId,
};

id! {
    /// The id of a client: what it names when it asks for a token, and the subject of its tokens.
    ClientId
}

/// A program that may ask for tokens; its secret is kept elsewhere, and only as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientId,
    /// `None` for the operator's own clients.
    pub organisation: Option<OrganisationId>,
    /// The most that its tokens can do. Ascending, each once.
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

named! {
    /// A permission, as it stands in a token's `scope`.
    pub enum Scope("scope") {
        SnapshotsWrite = "snapshots:write",
        SnapshotsRead = "snapshots:read",
        ComparisonsRead = "comparisons:read",
        OrganisationAdmin = "organisation:admin",
        PlatformAdmin = "platform:admin",
    }
}

impl Scope {
    /// Scopes that a member's client may be given; the operator's client has `platform:admin` alone.
    pub const MEMBER: [Self; 4] =
        [Self::SnapshotsWrite, Self::SnapshotsRead, Self::ComparisonsRead, Self::OrganisationAdmin];
}
