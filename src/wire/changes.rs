//! Changes since a release.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Envelope, ReleaseOf},
    item::Subject,
    measured::MeasuredSide,
    names,
    trend::MeasureChange,
};
use crate::{
    app::{compare, read_changes},
    domain::comparison::{Break, Measure},
};

/// The measures that moved since a release, most moved first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MeasureChanges)]
pub struct ChangesAnswer {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Release that the latest one is compared with.
    pub since: ReleaseOf,
    /// Reasons why the peers' values of the two releases must not be joined. Absent if there is none.
    #[serde(default, rename = "break", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<names::SeriesBreak>>)]
    pub breaks: Vec<Break>,
    /// Number of measures that moved.
    #[schema(example = 57)]
    pub total: u32,
    /// Measures of this page.
    pub items: Vec<ChangedMeasure>,
    /// Cursor of the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A measure that moved: your value, the peers' published row, or both.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangedMeasure {
    /// Measure, as `GET /v1/comparisons/trend` takes it.
    #[schema(value_type = String, example = "technique:T1059")]
    pub measure: Measure,
    #[serde(flatten)]
    pub subject: Subject,
    /// Your value as of the earlier release's cut-off beside that release's row.
    pub then: MeasuredSide,
    /// Your current value beside the latest release's row.
    pub now: MeasuredSide,
    #[serde(flatten)]
    pub change: MeasureChange,
}

impl From<&read_changes::Changes> for ChangesAnswer {
    fn from(changes: &read_changes::Changes) -> Self {
        Self {
            envelope: Envelope::from(&changes.envelope),
            since: ReleaseOf::from(changes.since.as_ref()),
            breaks: changes.breaks.clone(),
            total: u32::try_from(changes.total).unwrap_or(u32::MAX),
            items: changes.items.iter().map(ChangedMeasure::from).collect(),
            next: changes.next.clone(),
        }
    }
}

impl From<&read_changes::Moved> for ChangedMeasure {
    fn from(moved: &read_changes::Moved) -> Self {
        let side = |entry: &compare::Entry| MeasuredSide::new(entry.effective(), entry.item.is_technique());
        Self {
            measure: moved.measured.measure.clone(),
            subject: Subject::from(&moved.measured.subject),
            then: side(&moved.then),
            now: side(&moved.now),
            change: MeasureChange::from(&moved.change),
        }
    }
}
