//! A comparison as it travels: one plain type for each kind of row, written by the service and read by whatever shows
//! it. JSON is these types as they are; every other form is made from them in `report`.
//!
//! Words of a closed list are their domain types. What may grow without a new version of the API (ids, cohorts,
//! columns, sources, scales) stays text, so that an older reader takes what a newer service says.

mod answer;
mod changes;
pub mod choices;
pub mod cohort;
pub mod console;
pub mod gap;
mod item;
pub mod library;
mod measured;
pub mod names;
pub mod navigator;
pub mod path;
mod report;
mod set;
pub mod snapshot;
mod trend;
pub mod what_if;

pub use answer::{Comparison, ComparisonSummary, Denominator, Envelope, Feed, Levels, ReleaseOf};
pub use changes::{ChangedMeasure, ChangesAnswer};
pub use item::{
    Assessed, ComparisonItem, ComparisonSide, End, Missing, Own, Peers, Percentile, Position, Quantile, Row,
    Shown, Step, Subject, Through,
};
pub use measured::{MeasuredSide, OwnMeasure};
pub use path::{ComparedPath, PathStep, PathsAnswer};
pub use report::{Report, ReportContent};

pub use crate::app::read_report::ReportStatus;
pub use set::SetCounts;
pub use trend::{MeasureChange, TrendAnswer, TrendPoint};
