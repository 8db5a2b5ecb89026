//! A checked snapshot: its header and its cells, and their canonical wire form.

use serde::{Serialize, Serializer};

use super::header::Header;
use crate::domain::{attack::TechniqueId, named::id, scale::Score};

/// The schema's name, in every snapshot.
pub const SCHEMA: &str = "coverage-snapshot/1";
id! {
    /// The id of a stored snapshot: an opaque text (a UUIDv7 in practice), so that later ids sort after earlier ones.
    SnapshotId
}

/// The value of a cell.
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
