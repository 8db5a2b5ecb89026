//! `coverage-snapshot/1`: what leaves an organisation. An allow-list without any free text; see [`parse`].

mod header;
mod packed;
mod parse;

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::{
    attack::TechniqueId,
    named::{as_text, id, named},
    scale::Score,
};

pub use header::{Header, Producer};
pub use packed::{PackedError, pack, unpack};
pub use parse::{Context, FieldError, MAX_CELLS, MAX_TECHNOLOGIES, Parsed, parse};

/// The schema's name, in every snapshot.
pub const SCHEMA: &str = "coverage-snapshot/1";
/// The only matrix.
pub const DOMAIN: &str = "enterprise-attack";

id! {
    /// The id of a stored snapshot: an opaque text (a UUIDv7 in practice), so that later ids sort after earlier ones.
    SnapshotId
}

named! {
    /// What the evidence behind a snapshot is. Only `deployed` and `validated` are benchmarked; the others are shown to
    /// their owner and never mixed in.
    pub enum Basis("basis") {
        /// Enabled rules that can raise an alert.
        Deployed = "deployed",
        /// Detections that were tested.
        Validated = "validated",
        /// A vendor's content, enabled or not.
        Catalog = "catalog",
        /// The data for a detection is there.
        DataReady = "data_ready",
        /// A rule fired in the window.
        Observed = "observed",
    }
}

impl Basis {
    /// The bases that have peer statistics.
    pub const BENCHMARKED: [Self; 2] = [Self::Deployed, Self::Validated];
}

named! {
    /// Which kind of rule export a snapshot was made from.
    pub enum Source("source") {
        Splunk = "splunk",
        Sentinel = "sentinel",
        Cortex = "cortex",
        Sumo = "sumo",
        CheckPoint = "checkpoint",
        Elastic = "elastic",
        Sigma = "sigma",
        Dettect = "dettect",
        Navigator = "navigator",
        Outcomes = "outcomes",
        Chronicle = "chronicle",
    }
}

/// Version of the adapter that made the snapshot: numbers only, so that it cannot carry text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdapterVersion {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

/// A text that is no adapter version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an adapter version: expected three numbers as in 0.1.0")]
pub struct InvalidAdapterVersion;

impl FromStr for AdapterVersion {
    type Err = InvalidAdapterVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.').map(|part| {
            (!part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u16>().ok())
                .flatten()
        });
        let mut next = || parts.next().flatten();
        let (Some(major), Some(minor), Some(patch)) = (next(), next(), next()) else {
            return Err(InvalidAdapterVersion);
        };
        if parts.next().is_some() { Err(InvalidAdapterVersion) } else { Ok(Self { major, minor, patch }) }
    }
}

impl fmt::Display for AdapterVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

as_text!(AdapterVersion);

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellValue {
    /// A value of the snapshot's scale.
    Value(i8),
    /// Explicitly unknown.
    NotAssessed,
}

/// One (technique, technology) of a snapshot. Ordered by technology, then technique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// Position in [`Snapshot::technologies`].
    pub technology: u8,
    pub technique: TechniqueId,
    pub value: CellValue,
}

/// A checked snapshot. Serializes to its canonical wire form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub header: Header,
    /// Ascending by (technology, technique), each pair once.
    pub cells: Vec<Cell>,
}

impl Snapshot {
    /// The technology of a cell; empty for a position that this snapshot does not have.
    pub fn technology(&self, cell: &Cell) -> &str {
        self.header.technologies.get(usize::from(cell.technology)).map_or("", String::as_str)
    }

    /// The score of a cell on the snapshot's scale; `None` where it is not assessed.
    pub fn score(&self, cell: &Cell) -> Option<Score> {
        match cell.value {
            CellValue::Value(value) => self.header.scale.score(value),
            CellValue::NotAssessed => None,
        }
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Said {
            Number(i8),
            Word(&'static str),
        }
        #[derive(Serialize)]
        struct WireCell<'a> {
            technique: TechniqueId,
            technology: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            value: Option<Said>,
            #[serde(skip_serializing_if = "Option::is_none")]
            state: Option<&'static str>,
        }
        #[derive(Serialize)]
        struct Wire<'a> {
            schema: &'static str,
            #[serde(flatten)]
            header: &'a Header,
            cells: Vec<WireCell<'a>>,
        }
        let words = self.header.scale.words();
        let cell = |cell: &Cell| {
            let (value, state) = match cell.value {
                CellValue::NotAssessed => (None, Some("not_assessed")),
                CellValue::Value(value) => {
                    let word = usize::try_from(value).ok().and_then(|position| words.get(position));
                    (Some(word.map_or(Said::Number(value), |word| Said::Word(word))), None)
                }
            };
            WireCell { technique: cell.technique, technology: self.technology(cell), value, state }
        };
        let (header, cells) = (&self.header, self.cells.iter().map(cell));
        Wire { schema: SCHEMA, header, cells: cells.collect() }.serialize(serializer)
    }
}
