//! A trend: one measure in each of several releases.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::ReleaseOf,
    item::{Peers, Position, Subject},
    measured::{MeasuredSide, OwnMeasure},
    names,
};
use crate::{
    app::{compare, published::Published, read_trend},
    domain::{
        comparison::{self, Break, Measure},
        release::Preset,
        snapshot::Basis,
    },
};

/// A measure in each of several releases, the earliest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MeasureTrend)]
pub struct TrendAnswer {
    /// Measure of the trend, with the names that answers use.
    #[schema(value_type = String, example = "tactic:execution")]
    pub measure: Measure,
    /// Subject of the measure.
    pub subject: Subject,
    /// Cohort that was requested.
    #[schema(example = "sector:finance")]
    pub cohort: String,
    /// Column that was requested: `any`, a family or a technology.
    #[schema(example = "any")]
    pub column: String,
    /// Kind of evidence that is compared.
    #[schema(value_type = names::BenchmarkedBasis)]
    pub basis: Basis,
    /// One point for each release.
    pub items: Vec<TrendPoint>,
}

/// A measure in one release. Your value is as of the release's cut-off, from the snapshots that counted then and still exist.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TrendPoint {
    pub release: ReleaseOf,
    /// Preset of the release's privacy parameters.
    #[schema(value_type = names::Preset)]
    pub preset: Preset,
    pub own: OwnMeasure,
    pub peers: Peers,
    /// Position of your value among the published quantiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Your value, coded like published values, minus your peers' median. Negative is behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub difference_to_median: Option<i16>,
    /// The nearest row that is published, if the requested row isn't released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<MeasuredSide>,
    #[serde(flatten)]
    pub change: MeasureChange,
}

/// The change of a measure since the point before. Absent on the first point.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeasureChange {
    /// Change of your value. Both values are computed in the later release's ATT&CK version and sets of techniques.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    pub own_change: Option<i16>,
    /// Change of the peers' published median. A bound if one of the two medians is coded to an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub peers_change: Option<i16>,
    /// Change of the difference to the median, as coded. Negative: you fell behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = -1)]
    pub difference_change: Option<i16>,
    /// False if the peers' median changed by no more than one rounding step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaningful: Option<bool>,
    /// Reasons why the two points must not be joined. The peers' changes are absent then.
    #[serde(default, rename = "break", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<names::SeriesBreak>>)]
    pub breaks: Vec<Break>,
}

impl From<&read_trend::Trend> for TrendAnswer {
    fn from(trend: &read_trend::Trend) -> Self {
        Self {
            measure: trend.measured.measure.clone(),
            subject: Subject::from(&trend.measured.subject),
            cohort: trend.cohort.to_string(),
            column: trend.measured.column.to_string(),
            basis: trend.basis,
            items: trend.points.iter().map(TrendPoint::from).collect(),
        }
    }
}

impl From<&read_trend::Point> for TrendPoint {
    fn from(point: &read_trend::Point) -> Self {
        let compare::Entry { item, asked, fallback, .. } = &point.entry;
        let MeasuredSide { own, peers, position, difference_to_median } =
            MeasuredSide::new(asked, item.is_technique());
        Self {
            release: ReleaseOf::from(point.published.as_ref()),
            preset: point.published.terms.parameters.known.preset,
            own,
            peers,
            position,
            difference_to_median,
            fallback: fallback.as_ref().map(|side| MeasuredSide::new(side, item.is_technique())),
            change: point.change.as_ref().map(MeasureChange::from).unwrap_or_default(),
        }
    }
}

impl From<&comparison::Change> for MeasureChange {
    fn from(change: &comparison::Change) -> Self {
        Self {
            own_change: change.own,
            peers_change: change.peers,
            difference_change: change.difference,
            meaningful: Some(change.meaningful),
            breaks: change.breaks.clone(),
        }
    }
}

impl From<&Published> for ReleaseOf {
    fn from(published: &Published) -> Self {
        let release = &published.release;
        Self {
            number: release.number,
            cut_off: release.cut_off,
            published_at: release.published_at,
            attack: release.attack,
        }
    }
}

impl TrendPoint {
    /// The side that says something: the asked one, else the fallback.
    pub fn shown(&self) -> (&OwnMeasure, &Peers, Option<&Position>, Option<i16>) {
        match (&self.fallback, self.peers.row()) {
            (Some(side), None) => (&side.own, &side.peers, side.position.as_ref(), side.difference_to_median),
            _ => (&self.own, &self.peers, self.position.as_ref(), self.difference_to_median),
        }
    }
}
