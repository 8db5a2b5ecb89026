//! Organisations: tenants, and the profile that the operator gives them.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{attack::PlatformSet, dimension::ByDimension};

/// The id of a tenant: an opaque text (a UUIDv7 in practice). It is pseudonymous and never published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrganisationId(String);

impl OrganisationId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrganisationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether an organisation takes part (R2): only verified ones contribute or read comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Unverified,
    Verified,
    Suspended,
}

impl Standing {
    pub const ALL: [Self; 3] = [Self::Unverified, Self::Verified, Self::Suspended];

    pub fn name(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Verified => "verified",
            Self::Suspended => "suspended",
        }
    }
}

impl FromStr for Standing {
    type Err = UnknownStanding;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|standing| standing.name() == text).ok_or(UnknownStanding)
    }
}

/// Why a standing is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown standing: expected unverified, verified or suspended")]
pub struct UnknownStanding;

/// What the operator says of an organisation (R3): the organisation itself cannot change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    #[serde(flatten)]
    pub dimensions: ByDimension<String>,
    /// Organisations of one parent company, one managed-service provider or another declared link share a group.
    pub control_group: String,
    /// The ATT&CK platforms that it runs.
    pub platforms: PlatformSet,
}

/// Whose data or log something is: an organisation's, or the platform's, which is its operator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenant<'a> {
    Organisation(&'a OrganisationId),
    Platform,
}

impl<'a> Tenant<'a> {
    /// The organisation's id, or `platform`, which is no organisation's id.
    pub fn as_str(self) -> &'a str {
        match self {
            Self::Organisation(id) => id.as_str(),
            Self::Platform => "platform",
        }
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    pub profile: Profile,
    pub standing: Standing,
    pub created_at: DateTime<Utc>,
}
