//! ATT&CK platforms under their current names; the names of older versions are aliases.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A platform of the Enterprise matrix. Serialized under ATT&CK's own name (`Office Suite`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Platform {
    Containers,
    Esxi,
    Iaas,
    IdentityProvider,
    Linux,
    MacOs,
    NetworkDevices,
    OfficeSuite,
    Pre,
    SaaS,
    Windows,
}

/// A platform name that ATT&CK does not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "unknown ATT&CK platform: expected one of Containers, ESXi, IaaS, Identity Provider, Linux, macOS, \
     Network Devices, Office Suite, PRE, SaaS, Windows"
)]
pub struct UnknownPlatform;

impl Platform {
    pub const ALL: [Self; 11] = [
        Self::Containers,
        Self::Esxi,
        Self::Iaas,
        Self::IdentityProvider,
        Self::Linux,
        Self::MacOs,
        Self::NetworkDevices,
        Self::OfficeSuite,
        Self::Pre,
        Self::SaaS,
        Self::Windows,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Containers => "Containers",
            Self::Esxi => "ESXi",
            Self::Iaas => "IaaS",
            Self::IdentityProvider => "Identity Provider",
            Self::Linux => "Linux",
            Self::MacOs => "macOS",
            Self::NetworkDevices => "Network Devices",
            Self::OfficeSuite => "Office Suite",
            Self::Pre => "PRE",
            Self::SaaS => "SaaS",
            Self::Windows => "Windows",
        }
    }

    fn bit(self) -> u16 {
        1 << match self {
            Self::Containers => 0,
            Self::Esxi => 1,
            Self::Iaas => 2,
            Self::IdentityProvider => 3,
            Self::Linux => 4,
            Self::MacOs => 5,
            Self::NetworkDevices => 6,
            Self::OfficeSuite => 7,
            Self::Pre => 8,
            Self::SaaS => 9,
            Self::Windows => 10,
        }
    }
}

impl FromStr for Platform {
    type Err = UnknownPlatform;

    /// Case-insensitive; accepts the names that older ATT&CK versions used.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|platform| platform.name().eq_ignore_ascii_case(text));
        known
            .or_else(|| match text.to_ascii_lowercase().as_str() {
                "azure ad" => Some(Self::IdentityProvider),
                "network" => Some(Self::NetworkDevices),
                "office 365" | "google workspace" => Some(Self::OfficeSuite),
                _ => None,
            })
            .ok_or(UnknownPlatform)
    }
}

impl TryFrom<String> for Platform {
    type Error = UnknownPlatform;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Platform> for String {
    fn from(platform: Platform) -> Self {
        platform.name().to_owned()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of platforms. Serialized as a sorted list of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Platform>", into = "Vec<Platform>")]
pub struct PlatformSet(u16);

impl PlatformSet {
    pub const EMPTY: Self = Self(0);

    pub fn all() -> Self {
        Platform::ALL.into_iter().collect()
    }

    pub fn contains(self, platform: Platform) -> bool {
        self.0 & platform.bit() != 0
    }

    #[must_use]
    pub fn with(self, platform: Platform) -> Self {
        Self(self.0 | platform.bit())
    }

    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Platform> {
        Platform::ALL.into_iter().filter(move |platform| self.contains(*platform))
    }
}

impl FromIterator<Platform> for PlatformSet {
    fn from_iter<I: IntoIterator<Item = Platform>>(platforms: I) -> Self {
        platforms.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl From<Vec<Platform>> for PlatformSet {
    fn from(platforms: Vec<Platform>) -> Self {
        platforms.into_iter().collect()
    }
}

impl From<PlatformSet> for Vec<Platform> {
    fn from(set: PlatformSet) -> Self {
        set.iter().collect()
    }
}
