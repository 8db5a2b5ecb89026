//! A report as it travels: what its pages, sheets and drawings are made from.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::ComparisonSummary, changes::ChangesAnswer, gap::Gaps, item::ComparisonItem, library::Reference,
    names, trend::TrendAnswer,
};
use crate::app::read_report::{self, ReportStatus};

/// A report on your organisation for people who decide.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = CoverageReport)]
pub struct Report {
    /// Name of your organisation.
    #[schema(example = "Harbour Mutual")]
    pub organisation: String,
    /// Date of the report.
    #[schema(value_type = String, format = Date)]
    pub made_on: NaiveDate,
    /// Status of the report: `complete`, or the reason why there is nothing to compare yet.
    #[schema(value_type = names::ReportStatus)]
    pub status: ReportStatus,
    /// Comparison with your peers. Absent unless the status is `complete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<ReportContent>,
    /// Your coverage beside public rule libraries: libraries, not peers. Absent if the status is `complete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub libraries: Option<Reference>,
    /// Information that others can learn, in plain words.
    pub what_others_can_learn: String,
    /// Limits of the guarantee, in plain words.
    pub what_is_not_promised: String,
}

/// The comparison of a report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportContent {
    /// Comparison on one page.
    pub summary: ComparisonSummary,
    /// Techniques of the matrix: all applicable parent techniques, those of preparation included, by ID.
    pub techniques: Vec<ComparisonItem>,
    /// Gaps, highest priority first.
    pub gaps: Gaps,
    /// Threat groups, furthest behind first.
    pub groups: Vec<ComparisonItem>,
    /// Changes since the release before. Absent for the first release and for earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangesAnswer>,
    /// Your overall share by release. Absent for the first release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend: Option<TrendAnswer>,
}

impl From<&read_report::Report> for Report {
    fn from(report: &read_report::Report) -> Self {
        Self {
            organisation: report.organisation.clone(),
            made_on: report.made_on,
            status: report.status,
            content: report.content.as_deref().map(ReportContent::from),
            libraries: report.libraries.as_ref().map(Reference::from),
            what_others_can_learn: report.terms.learnable.clone(),
            what_is_not_promised: report.terms.not_promised.clone(),
        }
    }
}

impl From<&read_report::Content> for ReportContent {
    fn from(content: &read_report::Content) -> Self {
        let items =
            |entries: &[crate::app::compare::Entry]| entries.iter().map(ComparisonItem::from).collect();
        let mut gaps = Gaps::from(&content.gaps);
        gaps.next = None;
        let changes = content.changes.as_ref().map(|changes| {
            let mut changes = ChangesAnswer::from(changes);
            // A report isn't paged.
            changes.next = None;
            changes
        });
        Self {
            summary: ComparisonSummary::from(&content.summary),
            techniques: items(&content.techniques),
            gaps,
            groups: items(&content.groups.items),
            changes,
            trend: content.trend.as_ref().map(TrendAnswer::from),
        }
    }
}
