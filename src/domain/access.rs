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
    /// Purpose in its owner's words; may be empty.
    #[serde(default)]
    pub name: String,
    /// The client that made it; `None` where that isn't known.
    #[serde(default)]
    pub created_by: Option<ClientId>,
    /// From when on it gets no tokens, and those that it has are refused.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Time of the last token, to the hour.
    #[serde(default)]
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Client {
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

id! {
    /// The id of one of a client's secrets.
    SecretId
}

/// A secret as far as it is known: when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretInfo {
    pub id: SecretId,
    pub created_at: DateTime<Utc>,
}

/// Secrets that a client has at most: one in use, and one that replaces it.
pub const MAX_SECRETS: usize = 2;

named! {
    /// A permission, as it stands in a token's `scope`.
    pub enum Scope("scope") {
        SnapshotsWrite = "snapshots:write",
        SnapshotsRead = "snapshots:read",
        ComparisonsRead = "comparisons:read",
        OrganisationAdmin = "organisation:admin",
        PlatformAdmin = "platform:admin",
        PlatformRead = "platform:read",
        GapsWrite = "gaps:write",
    }
}

impl Scope {
    /// Scopes that the operator's client may be given.
    pub const OPERATOR: [Self; 2] = [Self::PlatformAdmin, Self::PlatformRead];

    /// Returns whether this scope allows what `other` does: who may change the platform may also read it.
    pub fn includes(self, other: Self) -> bool {
        self == other || (self, other) == (Self::PlatformAdmin, Self::PlatformRead)
    }

    /// Scopes that a member's client may be given.
    pub const MEMBER: [Self; 5] = [
        Self::SnapshotsWrite,
        Self::SnapshotsRead,
        Self::ComparisonsRead,
        Self::OrganisationAdmin,
        Self::GapsWrite,
    ];
}
