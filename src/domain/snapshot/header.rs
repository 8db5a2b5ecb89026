//! The header of a snapshot: all that it says beside its cells. Adding a field begins here.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};

use super::provenance::{AdapterVersion, Basis, DOMAIN, Source};
use crate::domain::{attack::AttackVersion, calendar::Month, scale::Scale};

/// The origin of a snapshot. One organisation may have several feeds of one source (two search heads).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Producer {
    pub source: Source,
    /// 1..=99.
    pub feed: u8,
    pub adapter: AdapterVersion,
}

/// A snapshot without its cells. Serializes to the members of the wire form between `schema` and `cells`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Header {
    pub period: Month,
    #[serde(serialize_with = "attack")]
    pub attack: AttackVersion,
    pub producer: Producer,
    pub basis: Basis,
    /// Days over which `observed` evidence was collected; informative for the others. 1..=3660.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u16>,
    pub scale: Scale,
    /// Ids, ascending, each once.
    pub technologies: Vec<String>,
    /// The technologies of which a missing cell means 0 instead of unknown. Ascending, a subset of `technologies`.
    pub complete: Vec<String>,
}

impl Header {
    pub fn is_complete(&self, technology: &str) -> bool {
        self.complete.iter().any(|complete| complete == technology)
    }
}

fn attack<S: Serializer>(version: &AttackVersion, serializer: S) -> Result<S::Ok, S::Error> {
    let mut attack = serializer.serialize_struct("Attack", 2)?;
    attack.serialize_field("domain", DOMAIN)?;
    attack.serialize_field("version", version)?;
    attack.end()
}
