//! Clients and what their tokens may do.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::organisation::OrganisationId;

/// The id of a client: what it names when it asks for a token, and the subject of its tokens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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

/// A permission, as it stands in a token's `scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    SnapshotsWrite,
    SnapshotsRead,
    ComparisonsRead,
    OrganisationAdmin,
    PlatformAdmin,
}

/// A scope that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "unknown scope: expected snapshots:write, snapshots:read, comparisons:read, organisation:admin or platform:admin"
)]
pub struct UnknownScope;

impl Scope {
    pub const ALL: [Self; 5] = [
        Self::SnapshotsWrite,
        Self::SnapshotsRead,
        Self::ComparisonsRead,
        Self::OrganisationAdmin,
        Self::PlatformAdmin,
    ];

    /// What a member's client may be given; the operator's client has `platform:admin` alone.
    pub const MEMBER: [Self; 4] =
        [Self::SnapshotsWrite, Self::SnapshotsRead, Self::ComparisonsRead, Self::OrganisationAdmin];

    pub fn name(self) -> &'static str {
        match self {
            Self::SnapshotsWrite => "snapshots:write",
            Self::SnapshotsRead => "snapshots:read",
            Self::ComparisonsRead => "comparisons:read",
            Self::OrganisationAdmin => "organisation:admin",
            Self::PlatformAdmin => "platform:admin",
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or(UnknownScope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.name().to_owned()
    }
}
