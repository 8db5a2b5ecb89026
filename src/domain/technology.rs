//! Technologies: what produces the evidence a rule looks at. The registry is closed; what an organisation has
//! besides is `other.<family>` or `other.unknown`, which enters no technology's statistic.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{attack::PlatformSet, named::named};

mod bundled;

pub use bundled::bundled;

named! {
    /// The coarse group of a technology, and a column of the comparison.
    pub enum Family("family") {
        Endpoint = "endpoint",
        Identity = "identity",
        Cloud = "cloud",
        Network = "network",
        Email = "email",
        Saas = "saas",
        Container = "container",
        Ot = "ot",
    }
}

named! {
    /// The position of a technology: host and service technologies see the techniques of their platforms only; a network
    /// technology sees whatever crosses it.
    pub enum Kind("kind of technology") {
        Host = "host",
        Service = "service",
        Network = "network",
    }
}

/// A set of ATT&CK data components by number (`DC0032` is 32). Numbers above 127 do not exist in the table of
/// ATT&CK 18.1 that applicability is defined on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct ComponentSet(u128);

/// A text that is no data component of the table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a data component: expected DC0001 to DC0127")]
pub struct UnknownComponent;

impl ComponentSet {
    pub const EMPTY: Self = Self(0);

    pub fn insert(&mut self, component: &str) -> Result<(), UnknownComponent> {
        let number: u32 = component
            .strip_prefix("DC")
            .filter(|n| n.len() == 4)
            .and_then(|n| n.parse().ok())
            .filter(|n| (1..=127).contains(n))
            .ok_or(UnknownComponent)?;
        self.0 |= 1 << number;
        Ok(())
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = String> {
        (1..=127_u32).filter(move |n| self.0 & (1 << n) != 0).map(|n| format!("DC{n:04}"))
    }
}

impl TryFrom<Vec<String>> for ComponentSet {
    type Error = UnknownComponent;

    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        let mut set = Self::EMPTY;
        for name in &names {
            set.insert(name)?;
        }
        Ok(set)
    }
}

impl From<ComponentSet> for Vec<String> {
    fn from(set: ComponentSet) -> Self {
        set.iter().collect()
    }
}

/// One entry of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Technology {
    /// `vendor.product`, lower-case, e.g. `microsoft.windows`.
    pub id: String,
    /// As people say it: `Windows event logs and Sysmon`.
    pub name: String,
    pub family: Family,
    pub kind: Kind,
    pub platforms: PlatformSet,
    pub components: ComponentSet,
    /// It detects by itself with rules that no customer can export, so what is missing in an export is unknown,
    /// never zero: it cannot be declared complete.
    #[serde(default)]
    pub native_detections: bool,
}

/// The technology of a snapshot's cell: one of the registry, or a custom one with at most a known family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TechnologyRef {
    /// Position in [`Registry::technologies`].
    Known(u16),
    /// `other.<family>`, or `other.unknown` for `None`.
    Other(Option<Family>),
}

/// The reason why a list is not a registry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegistryError {
    #[error("technology {0} is listed twice")]
    Duplicate(String),
    #[error("technology id {0} is not vendor.product in lower case")]
    MalformedId(String),
    #[error("more technologies than an index can hold")]
    TooMany,
}

/// The closed list of technologies, sorted by id. Positions are stable within one build only; what is stored
/// names technologies by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    technologies: Vec<Technology>,
    by_id: BTreeMap<String, u16>,
}

impl Registry {
    pub fn new(mut technologies: Vec<Technology>) -> Result<Self, RegistryError> {
        technologies.sort_by(|a, b| a.id.cmp(&b.id));
        let mut by_id = BTreeMap::new();
        for (position, technology) in technologies.iter().enumerate() {
            let position = u16::try_from(position).map_err(|_| RegistryError::TooMany)?;
            let part = |text: &str| {
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
            };
            if !technology
                .id
                .split_once('.')
                .is_some_and(|(vendor, product)| part(vendor) && part(product) && vendor != "other")
            {
                return Err(RegistryError::MalformedId(technology.id.clone()));
            }
            if by_id.insert(technology.id.clone(), position).is_some() {
                return Err(RegistryError::Duplicate(technology.id.clone()));
            }
        }
        Ok(Self { technologies, by_id })
    }

    /// By id, ascending.
    pub fn technologies(&self) -> &[Technology] {
        &self.technologies
    }

    pub fn get(&self, position: u16) -> Option<&Technology> {
        self.technologies.get(usize::from(position))
    }

    pub fn position(&self, id: &str) -> Option<u16> {
        self.by_id.get(id).copied()
    }

    /// Resolves what a snapshot may name: a technology of the registry, `other.<family>` or `other.unknown`.
    pub fn reference(&self, id: &str) -> Option<TechnologyRef> {
        match id.strip_prefix("other.") {
            Some("unknown") => Some(TechnologyRef::Other(None)),
            Some(family) => family.parse().ok().map(|family| TechnologyRef::Other(Some(family))),
            None => self.position(id).map(TechnologyRef::Known),
        }
    }

    /// The inverse of [`Self::reference`].
    pub fn name_of(&self, reference: TechnologyRef) -> String {
        match reference {
            TechnologyRef::Known(position) => self.get(position).map_or_else(String::new, |t| t.id.clone()),
            TechnologyRef::Other(Some(family)) => format!("other.{family}"),
            TechnologyRef::Other(None) => "other.unknown".to_owned(),
        }
    }

    pub fn family_of(&self, reference: TechnologyRef) -> Option<Family> {
        match reference {
            TechnologyRef::Known(position) => self.get(position).map(|technology| technology.family),
            TechnologyRef::Other(family) => family,
        }
    }
}
