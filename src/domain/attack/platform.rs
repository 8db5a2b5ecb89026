//! ATT&CK platforms under their current names; the names of older versions are aliases.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::named::{UnknownName, named};

named! {
    /// A platform of the Enterprise matrix. Serialized under ATT&CK's own name (`Office Suite`).
    pub open enum Platform("ATT&CK platform") {
        Containers = "Containers",
        Esxi = "ESXi",
        Iaas = "IaaS",
        IdentityProvider = "Identity Provider",
        Linux = "Linux",
        MacOs = "macOS",
        NetworkDevices = "Network Devices",
        OfficeSuite = "Office Suite",
        Pre = "PRE",
        SaaS = "SaaS",
        Windows = "Windows",
    }
}

impl Platform {
    fn bit(self) -> u16 {
        1 << self.position()
    }
}

impl FromStr for Platform {
    type Err = UnknownName;

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
            .ok_or(Self::unknown())
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
