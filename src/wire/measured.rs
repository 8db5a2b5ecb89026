//! A measure of either side as answers about more than one kind of measure have it: the own number, the peers' row and the
//! position, whatever the measure counts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    item::{Own, Peers, Position, Step, Through},
    names,
};
use crate::{app::compare, domain::scale::Level, wire::ComparisonSide};

/// Your number of a measure: a score, a share or a count. Only the properties of its kind are there, and none if it isn't
/// assessed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct OwnMeasure {
    /// Status of your value: unknown if no snapshot that counted then still exists.
    #[schema(value_type = names::OwnStatus)]
    pub status: String,
    /// Score from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 50)]
    pub score: Option<u8>,
    /// Level of the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Level>)]
    pub level: Option<Level>,
    /// Technologies that you cover the technique through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<Through>,
    /// Percentage of the set's techniques that are covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 25)]
    pub share: Option<u8>,
    /// Number of covered techniques.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 50)]
    pub covered: Option<u32>,
    /// Number of techniques in the set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 199)]
    pub of: Option<u32>,
    /// Number of techniques in the set that aren't assessed. They count as not covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    pub unknown: Option<u32>,
    /// Number of parent techniques with at least one rule through the technology.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 26)]
    pub count: Option<u32>,
    /// Step that the count is compared by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}

/// Your number of a measure beside the peers' published row.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeasuredSide {
    pub own: OwnMeasure,
    pub peers: Peers,
    /// Position of your value among the published quantiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Your value, coded like published values, minus your peers' median. Negative is behind. A bound if one of them is coded to
    /// an end, and absent if both are coded to the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub difference_to_median: Option<i16>,
}

impl OwnMeasure {
    /// The number that is compared; `None` if nothing is assessed.
    pub fn value(&self) -> Option<u32> {
        self.score.map(u32::from).or(self.share.map(u32::from)).or(self.count)
    }
}

impl From<Own> for OwnMeasure {
    fn from(own: Own) -> Self {
        let assessed = Self { status: "assessed".to_owned(), ..Self::default() };
        match own {
            Own::Score { score, level, through, .. } => {
                Self { score: Some(score), level: Some(level), through, ..assessed }
            }
            Own::Share { share, covered, of, unknown, .. } => {
                let (covered, of, unknown) = (Some(covered), Some(of), Some(unknown));
                Self { share: Some(share), covered, of, unknown, ..assessed }
            }
            Own::Count { count, step, .. } => Self { count: Some(count), step: Some(step), ..assessed },
            Own::Missing { .. } => Self { status: "not_assessed".to_owned(), ..Self::default() },
        }
    }
}

impl MeasuredSide {
    pub fn new(side: &compare::Side, is_technique: bool) -> Self {
        let ComparisonSide { own, peers, position, difference_to_median } =
            ComparisonSide::new(side, is_technique);
        Self { own: own.into(), peers, position, difference_to_median }
    }
}
