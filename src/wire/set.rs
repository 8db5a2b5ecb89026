//! Counts for the set of techniques that a comparison is restricted to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::item::{ComparisonItem, Subject};
use crate::app::compare;

/// Techniques of the requested set, counted by your peers' coverage. Shares of peers exist for all techniques and for
/// single threat groups only, so other sets have counts alone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SetCounts)]
pub struct SetCounts {
    /// Set as requested, or `techniques` for IDs in the body.
    #[schema(example = "top:50")]
    pub set: String,
    /// Number of techniques in the set.
    #[schema(example = 50)]
    pub techniques: u32,
    /// Number of techniques in the set that you cover.
    #[schema(example = 21)]
    pub covered: u32,
    /// Number of techniques in the set that half or more of your peers cover.
    #[schema(example = 23)]
    pub half_or_more: u32,
    /// Number of techniques that half or more of your peers cover and you cover, too.
    #[schema(example = 14)]
    pub covered_of_half_or_more: u32,
    /// Number of techniques in the set by your peers' coverage; `not_released` counts those without a row.
    #[schema(example = json!({"most": 9, "half": 14, "quarter": 12, "few": 15}))]
    pub by_coverage: BTreeMap<String, u32>,
    /// Your share and your peers' in the set. Absent if the release has none of the set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<ComparisonItem>,
}

impl From<&compare::SetAnswer> for SetCounts {
    fn from(answer: &compare::SetAnswer) -> Self {
        let counts = &answer.counts;
        let by_coverage = counts
            .by_word
            .iter()
            .map(|(word, count)| (word.map_or("not_released", |word| word.name()).to_owned(), *count));
        let share = answer.share.as_ref().map(|entry| {
            let item = ComparisonItem::from(entry);
            ComparisonItem { subject: Subject { name: item.subject.name, ..Subject::default() }, ..item }
        });
        Self {
            set: answer.set.to_string(),
            techniques: counts.techniques,
            covered: counts.covered,
            half_or_more: counts.half_or_more,
            covered_of_half_or_more: counts.covered_of_these,
            by_coverage: by_coverage.collect(),
            share,
        }
    }
}
