//! Organisations: tenants, and the profile that the operator gives them.

use super::{
    attack::PlatformSet,
    dimension::ByDimension,
    named::{id, named},
};
use chrono::{DateTime, Utc};

id! {
    /// The id of a tenant: an opaque text (a UUIDv7 in practice). It is pseudonymous and never published.
    OrganisationId
}

named! {
    /// The standing of an organisation (R2): only verified ones contribute or read comparisons.
    pub enum Standing("standing") {
        Unverified = "unverified",
        Verified = "verified",
        Suspended = "suspended",
    }
}

/// The operator's description of an organisation (R3): the organisation itself cannot change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub dimensions: ByDimension<String>,
    /// Organisations of one parent company, one managed-service provider or another declared link share a group.
    pub control_group: String,
    /// The ATT&CK platforms that it runs.
    pub platforms: PlatformSet,
}

/// The owner of data or of a log: an organisation's, or the platform's, which is its operator's.
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
    /// The writer that uploads for it, if it doesn't itself (R32).
    pub writer: Option<String>,
    pub created_at: DateTime<Utc>,
}
