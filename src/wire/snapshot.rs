//! Snapshots without their cells, as lists and the answer to an upload show them, and the cells that differ between two.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names;
use crate::domain::{
    scale::Scale,
    snapshot::{self, DOMAIN, Header, Producer, SnapshotId},
};

/// A page of a list of snapshots.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SnapshotSummaryPage)]
pub struct SnapshotPage {
    /// Items of this page.
    pub items: Vec<SnapshotSummary>,
    /// Cursor of the next page. Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A snapshot without its cells.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SnapshotSummary)]
pub struct SnapshotSummary {
    /// ID of the snapshot.
    #[schema(example = "01a20bd7-6820-7085-91c7-d703078d34cd")]
    pub id: String,
    /// Time of the upload.
    #[schema(value_type = String, format = DateTime)]
    pub uploaded_at: DateTime<Utc>,
    /// Month that the snapshot describes.
    #[schema(example = "2026-11")]
    pub period: String,
    /// ATT&CK version of the snapshot's technique IDs.
    pub attack: SnapshotAttack,
    /// Program and rule source that the snapshot was built from.
    pub producer: SnapshotProducer,
    /// Kind of evidence behind the values.
    #[schema(value_type = names::Basis)]
    pub basis: String,
    /// Days over which observed evidence was collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3660, example = 180)]
    pub window_days: Option<u16>,
    /// Scale of the values.
    #[schema(value_type = names::ScaleName)]
    pub scale: String,
    /// IDs of the technologies that the snapshot covers.
    #[schema(example = json!(["microsoft.windows", "aws.cloudtrail"]))]
    pub technologies: Vec<String>,
    /// IDs of the technologies for which a missing cell means 0.
    #[schema(example = json!(["microsoft.windows"]))]
    pub complete: Vec<String>,
    /// Number of cells in the snapshot.
    #[schema(example = 229)]
    pub cells: usize,
}

/// The ATT&CK version of a snapshot.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SnapshotAttack {
    /// Domain of ATT&CK.
    #[schema(value_type = names::AttackDomain)]
    pub domain: String,
    /// Version of ATT&CK.
    #[schema(example = "18.1")]
    pub version: String,
}

/// The program and the rule source that a snapshot was built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotProducer {
    /// Product or format of the rules.
    #[schema(value_type = names::Source)]
    pub source: String,
    /// Number that distinguishes several feeds of one source.
    pub feed: u8,
    /// Version of the program that built the snapshot.
    #[schema(example = "0.1.0")]
    pub adapter: String,
}

impl From<Producer> for SnapshotProducer {
    fn from(producer: Producer) -> Self {
        Self {
            source: producer.source.name().to_owned(),
            feed: producer.feed,
            adapter: producer.adapter.to_string(),
        }
    }
}

impl SnapshotProducer {
    /// The source, with the number of the feed where it isn't the first.
    pub fn named(&self) -> String {
        match self {
            Self { source, feed: 1, .. } => source.clone(),
            Self { source, feed, .. } => format!("{source} {feed}"),
        }
    }
}

impl SnapshotSummary {
    pub fn new(id: &SnapshotId, uploaded_at: DateTime<Utc>, header: Header, cells: usize) -> Self {
        Self {
            id: id.to_string(),
            uploaded_at,
            period: header.period.to_string(),
            attack: SnapshotAttack { domain: DOMAIN.to_owned(), version: header.attack.to_string() },
            producer: header.producer.into(),
            basis: header.basis.name().to_owned(),
            window_days: header.window_days,
            scale: header.scale.name().to_owned(),
            technologies: header.technologies,
            complete: header.complete,
            cells,
        }
    }

    /// The day of the upload.
    pub fn day(&self) -> NaiveDate {
        self.uploaded_at.date_naive()
    }
}

/// The difference between two snapshots. IDs and values are those of the snapshots, so their meaning can differ if the
/// ATT&CK versions or the scales differ.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SnapshotDiff {
    /// The first snapshot.
    pub before: SnapshotSummary,
    /// The second snapshot.
    pub after: SnapshotSummary,
    /// Cells that only the second snapshot has.
    pub added: Vec<CellChange>,
    /// Cells that only the first snapshot has.
    pub removed: Vec<CellChange>,
    /// Cells with another content in each.
    pub changed: Vec<CellChange>,
    /// Number of cells with the same content.
    #[schema(example = 226)]
    pub unchanged: usize,
}

/// A cell that differs between two snapshots.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CellChange {
    /// ID of the technique.
    #[schema(example = "T1059.001")]
    pub technique: String,
    /// ID of the technology.
    #[schema(example = "microsoft.windows")]
    pub technology: String,
    /// Content in the first snapshot. Absent if it doesn't have the cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CellContent>,
    /// Content in the second snapshot. Absent if it doesn't have the cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CellContent>,
}

/// A value of the snapshot's scale: a number, or a word on the scales `outcome/1` and `partial-full/1`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum CellValue {
    Number(i8),
    Word(String),
}

/// The content of a cell: a value, or the state `not_assessed`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum CellContent {
    Value(CellValue),
    State(CellState),
}

/// A cell without a value.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CellState {
    /// State of the cell.
    #[schema(value_type = names::CellStateName)]
    pub state: String,
}

impl CellValue {
    pub fn new(value: i8, scale: Scale) -> Self {
        let word = usize::try_from(value).ok().and_then(|position| scale.words().get(position));
        word.map_or(Self::Number(value), |word| Self::Word((*word).to_owned()))
    }
}

impl CellContent {
    pub fn new(value: snapshot::CellValue, scale: Scale) -> Self {
        match value {
            snapshot::CellValue::NotAssessed => Self::State(CellState { state: "not_assessed".to_owned() }),
            snapshot::CellValue::Value(value) => Self::Value(CellValue::new(value, scale)),
        }
    }
}

impl fmt::Display for CellContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(CellValue::Number(number)) => number.fmt(f),
            Self::Value(CellValue::Word(word)) => f.write_str(word),
            Self::State(CellState { state }) => f.write_str(state),
        }
    }
}
