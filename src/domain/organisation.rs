//! Organisations: tenants, and the profile that the operator gives them.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::attack::PlatformSet;

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
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|standing| standing.name() == text).ok_or(ProfileError::UnknownStanding)
    }
}

/// The three dimensions that cohorts are made of, in the order in which a pair is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    Sector,
    Size,
    Region,
}

impl Dimension {
    pub const ALL: [Self; 3] = [Self::Sector, Self::Size, Self::Region];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sector => "sector",
            Self::Size => "size",
            Self::Region => "region",
        }
    }
}

impl FromStr for Dimension {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|dimension| dimension.name() == text).ok_or(ProfileError::UnknownDimension)
    }
}

/// Why a profile is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProfileError {
    #[error("unknown standing: expected unverified, verified or suspended")]
    UnknownStanding,
    #[error("unknown dimension: expected sector, size or region")]
    UnknownDimension,
    #[error("`{value}` is not a {}: expected one of {expected}", .dimension.name())]
    UnknownValue { dimension: Dimension, value: String, expected: String },
    #[error("the {} has too many values: at most {limit} are possible", .dimension.name())]
    TooManyValues { dimension: Dimension, limit: usize },
    #[error("`{value}` cannot be a value of {}: use lower-case letters, digits and dashes, 40 characters at most", .dimension.name())]
    MalformedValue { dimension: Dimension, value: String },
}

/// The values that each dimension can take. The first dimension's may be the operator's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimensions {
    sectors: Vec<String>,
    sizes: Vec<String>,
    regions: Vec<String>,
}

/// NAICS sectors, under short names.
const SECTORS: [&str; 20] = [
    "agriculture",
    "mining",
    "utilities",
    "construction",
    "manufacturing",
    "wholesale",
    "retail",
    "transport",
    "information",
    "finance",
    "real-estate",
    "professional",
    "management",
    "administrative",
    "education",
    "health",
    "arts",
    "accommodation",
    "other-services",
    "public",
];
/// By number of people: fewer than 250, 1,000, 10,000, or more.
const SIZES: [&str; 4] = ["small", "medium", "large", "enterprise"];
const REGIONS: [&str; 6] =
    ["africa", "asia-pacific", "europe", "latin-america", "middle-east", "north-america"];

/// The operator's own values of the first dimension, at most.
const SECTORS_MAX: usize = 20;

impl Default for Dimensions {
    fn default() -> Self {
        let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        Self { sectors: owned(&SECTORS), sizes: owned(&SIZES), regions: owned(&REGIONS) }
    }
}

impl Dimensions {
    /// The default dimensions with the operator's own values for the first.
    pub fn with_sectors(sectors: Vec<String>) -> Result<Self, ProfileError> {
        if sectors.len() > SECTORS_MAX {
            return Err(ProfileError::TooManyValues { dimension: Dimension::Sector, limit: SECTORS_MAX });
        }
        let well_formed = |value: &str| {
            (1..=40).contains(&value.len())
                && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if let Some(value) = sectors.iter().find(|value| !well_formed(value)) {
            return Err(ProfileError::MalformedValue { dimension: Dimension::Sector, value: value.clone() });
        }
        Ok(Self { sectors, ..Self::default() })
    }

    /// The possible values of a dimension. One with a single value makes no cohort.
    pub fn values(&self, dimension: Dimension) -> &[String] {
        match dimension {
            Dimension::Sector => &self.sectors,
            Dimension::Size => &self.sizes,
            Dimension::Region => &self.regions,
        }
    }

    pub fn check(&self, dimension: Dimension, value: &str) -> Result<(), ProfileError> {
        let values = self.values(dimension);
        if values.iter().any(|known| known == value) {
            return Ok(());
        }
        Err(ProfileError::UnknownValue { dimension, value: value.to_owned(), expected: values.join(", ") })
    }
}

/// What the operator says of an organisation (R3): the organisation itself cannot change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub sector: String,
    pub size: String,
    pub region: String,
    /// Organisations of one parent company, one managed-service provider or another declared link share a group.
    pub control_group: String,
    /// The ATT&CK platforms that it runs.
    pub platforms: PlatformSet,
}

impl Profile {
    pub fn value(&self, dimension: Dimension) -> &str {
        match dimension {
            Dimension::Sector => &self.sector,
            Dimension::Size => &self.size,
            Dimension::Region => &self.region,
        }
    }

    /// Whether every dimension's value exists.
    pub fn check(&self, dimensions: &Dimensions) -> Result<(), ProfileError> {
        Dimension::ALL
            .into_iter()
            .try_for_each(|dimension| dimensions.check(dimension, self.value(dimension)))
    }
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
