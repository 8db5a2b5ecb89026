//! One line of a comparison.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names;
use crate::{
    app::compare,
    domain::{
        comparison::{self, Estimate, Place, Word},
        release::{self, Band, Grade, Quantiles},
        scale::Level,
    },
};

/// A line: what it is about, the own number, the peers' published row, and where the own number lies in it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ComparisonItem {
    #[serde(flatten)]
    pub subject: Subject,
    #[serde(flatten)]
    pub asked: ComparisonSide,
    /// The nearest row that is published, where the asked one is not, with the own number computed in its column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<ComparisonSide>,
}

/// The subject of a line: the members that apply.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// ID of the technique or sub-technique.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "T1059")]
    pub technique: Option<String>,
    /// Short name of the tactic.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "execution")]
    pub tactic: Option<String>,
    /// ID of the threat group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "G0016")]
    pub group: Option<String>,
    /// ID of the technology.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "microsoft.windows")]
    pub technology: Option<String>,
    /// Family of the technology.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::TechnologyFamily>)]
    pub family: Option<String>,
    /// ID of the tactic. It can mean another tactic in another ATT&CK version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "TA0002")]
    pub id: Option<String>,
    /// Name for people to read.
    #[schema(example = "Command and Scripting Interpreter")]
    pub name: String,
    /// Short names of the technique's tactics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["execution"]))]
    pub tactics: Option<Vec<String>>,
}

/// The own number beside the peers' row.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ComparisonSide {
    pub own: Own,
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

/// The own number: a score, a share or a count; `{"status": "not_assessed"}` where there is none.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Own {
    Score {
        /// Status of your value.
        #[schema(inline)]
        status: Assessed,
        /// Score from 0 to 100.
        #[schema(maximum = 100, example = 50)]
        score: u8,
        /// Level of the score.
        #[schema(value_type = names::Level)]
        level: Level,
        /// Technologies that you cover the technique through. Absent if the score is of one technology.
        #[serde(skip_serializing_if = "Option::is_none")]
        through: Option<Through>,
    },
    Share {
        /// Status of your value.
        #[schema(inline)]
        status: Assessed,
        /// Percentage of the set's techniques that are covered.
        #[schema(maximum = 100, example = 25)]
        share: u8,
        /// Number of covered techniques.
        #[schema(example = 50)]
        covered: u32,
        /// Number of techniques in the set.
        #[schema(example = 199)]
        of: u32,
        /// Number of techniques in the set that aren't assessed. They count as not covered.
        #[schema(example = 1)]
        unknown: u32,
    },
    Count {
        /// Status of your value.
        #[schema(inline)]
        status: Assessed,
        /// Number of parent techniques with at least one rule through the technology.
        #[schema(example = 26)]
        count: u32,
        /// Step that the count is compared by.
        step: Step,
    },
    Missing {
        /// Status of your value.
        #[schema(inline)]
        status: Missing,
    },
}

/// The status of an own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assessed {
    Assessed,
}

/// The status of an own number that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    NotAssessed,
}

/// The counts that a coded technology count stands for: from `from` to `to`, or `from` and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CountStep)]
pub struct Step {
    /// Lowest count of the step.
    #[schema(example = 30)]
    pub from: u8,
    /// Highest count of the step. Absent on the highest step.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 49)]
    pub to: Option<u8>,
}

/// The technologies that a technique is covered through.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = TechnologyCoverage)]
pub struct Through {
    /// Number of your technologies with a rule for the technique.
    #[schema(example = 1)]
    pub covered: u32,
    /// Number of your technologies that can see the technique.
    #[schema(example = 5)]
    pub can_see: u32,
}

/// The peers' published row; `{"status": "not_released"}` where there is none, whatever the reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(from = "Published")]
pub struct Peers {
    /// Status of the row in the release.
    #[schema(value_type = names::ReleaseStatus)]
    status: Status,
    #[serde(flatten)]
    row: Option<Row>,
}

/// The status of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Released,
    NotReleased,
}

/// [`Peers`] as they are read: a row that can't be read is an error, and not none.
#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Published {
    Released(Row),
    NotReleased,
}

/// The quantiles of a published row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowQuantiles {
    /// 10th percentile of the peers, coded. Absent if the row has too few members to show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 10)]
    pub p10: Option<u8>,
    /// 25th percentile of the peers, coded. Absent if the row has too few members to show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 20)]
    pub p25: Option<u8>,
    /// Median of the peers, coded. Absent if the row has too few members to show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 45)]
    pub p50: Option<u8>,
    /// 75th percentile of the peers, coded. Absent if the row has too few members to show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 70)]
    pub p75: Option<u8>,
    /// 90th percentile of the peers, coded. Absent if the row has too few members to show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 90)]
    pub p90: Option<u8>,
}

/// A published row.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Row {
    /// Cohort that the row is about.
    #[schema(example = "sector:finance")]
    pub cohort: String,
    /// Column of the row: `any`, a family or a technology.
    #[schema(example = "any")]
    pub column: String,
    /// Number of independent members, as a band. Absent if the coverage is `few`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::MemberBand>)]
    pub members: Option<Band>,
    /// Share of peers that cover the technique. Only rows of techniques have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Coverage>)]
    pub coverage: Option<Word>,
    #[serde(flatten)]
    pub quantiles: RowQuantiles,
    /// Quantiles that are coded to an end. Absent if none is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<names::CodedQuantiles>)]
    pub coded: BTreeMap<Quantile, End>,
    /// Counts that the quantiles of a technology count stand for. Only rows of technologies have it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<names::QuantileSteps>)]
    pub steps: BTreeMap<Quantile, Step>,
    /// Confidence in the row by its number of members.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Confidence>)]
    pub confidence: Option<Grade>,
    /// Ranks, in percent of the members, between which each true quantile lies with 95% confidence, widened by the ranks that
    /// jitter may have moved it by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<names::QuantileRanks>)]
    pub ranks: BTreeMap<Quantile, [u32; 2]>,
    /// Number of the release since which the row is unchanged. Absent if the coverage is `few`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, example = 2)]
    pub same_since: Option<u32>,
}

/// The position of the own number, from the published row alone. An own technology count is placed by its step.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Position {
    /// Band between the published quantiles that your value lies in.
    #[schema(value_type = names::PositionBand)]
    pub band: Place,
    #[serde(flatten)]
    pub percentile: Percentile,
}

/// The percentile of the own number: an estimate, linear between the published quantiles, or a bound outside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Percentile {
    #[serde(rename = "percentile_estimate")]
    Estimate(u8),
    #[serde(rename = "percentile_at_most")]
    AtMost(u8),
    #[serde(rename = "percentile_at_least")]
    AtLeast(u8),
}

/// A quantile that a row may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantile {
    P10,
    P25,
    P50,
    P75,
    P90,
}

impl Quantile {
    pub fn name(self) -> &'static str {
        match self {
            Self::P10 => "p10",
            Self::P25 => "p25",
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::P90 => "p90",
        }
    }
}

/// The end that a number was coded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    Low,
    High,
}

impl End {
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
        }
    }
}

/// The side of a line that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Asked,
    Fallback,
    NotReleased,
}

impl ComparisonItem {
    /// Returns the side that says something: the asked one, else the fallback. If neither is published, the asked one.
    pub fn shown(&self) -> (Shown, &ComparisonSide) {
        match (self.asked.peers.row(), &self.fallback) {
            (Some(_), _) => (Shown::Asked, &self.asked),
            (None, Some(fallback)) => (Shown::Fallback, fallback),
            (None, None) => (Shown::NotReleased, &self.asked),
        }
    }
}

impl Subject {
    /// The id of what the line is about; empty for the whole.
    pub fn id(&self) -> &str {
        let ids = [&self.technique, &self.tactic, &self.group, &self.technology, &self.family];
        ids.into_iter().flatten().next().map_or("", String::as_str)
    }
}

impl Own {
    /// The number that is compared; `None` if nothing is assessed.
    pub fn value(&self) -> Option<u32> {
        match self {
            Self::Score { score, .. } => Some((*score).into()),
            Self::Share { share, .. } => Some((*share).into()),
            Self::Count { count, .. } => Some(*count),
            Self::Missing { .. } => None,
        }
    }
}

impl Peers {
    pub fn row(&self) -> Option<&Row> {
        self.row.as_ref()
    }
}

impl From<Option<Row>> for Peers {
    fn from(row: Option<Row>) -> Self {
        Self { status: if row.is_some() { Status::Released } else { Status::NotReleased }, row }
    }
}

impl From<Published> for Peers {
    fn from(published: Published) -> Self {
        match published {
            Published::Released(row) => Some(row).into(),
            Published::NotReleased => None.into(),
        }
    }
}

impl Row {
    pub fn quantile(&self, quantile: Quantile) -> Option<u8> {
        let RowQuantiles { p10, p25, p50, p75, p90 } = self.quantiles;
        match quantile {
            Quantile::P10 => p10,
            Quantile::P25 => p25,
            Quantile::P50 => p50,
            Quantile::P75 => p75,
            Quantile::P90 => p90,
        }
    }
}

impl From<&compare::Entry> for ComparisonItem {
    fn from(entry: &compare::Entry) -> Self {
        let is_technique = entry.item.is_technique();
        let side = |side: &compare::Side| ComparisonSide::new(side, is_technique);
        Self {
            subject: Subject::from(&entry.subject),
            asked: side(&entry.asked),
            fallback: entry.fallback.as_ref().map(side),
        }
    }
}

impl From<&compare::Subject> for Subject {
    fn from(subject: &compare::Subject) -> Self {
        use compare::Subject as Of;
        match subject {
            Of::Overall => Self { name: "Overall".to_owned(), ..Self::default() },
            Of::Tactic { id, short_name, name } => Self {
                tactic: Some(short_name.clone()),
                id: Some(id.clone()),
                name: name.clone(),
                ..Self::default()
            },
            Of::Family(family) => Self {
                family: Some(family.name().to_owned()),
                name: family.name().to_owned(),
                ..Self::default()
            },
            Of::Group { id, name } => {
                Self { group: Some(id.to_string()), name: name.clone(), ..Self::default() }
            }
            Of::Technology { id, name, family } => Self {
                technology: Some(id.clone()),
                family: Some(family.name().to_owned()),
                name: name.clone(),
                ..Self::default()
            },
            Of::Technique { id, name, tactics } => Self {
                technique: Some(id.to_string()),
                name: name.clone(),
                tactics: Some(tactics.clone()),
                ..Self::default()
            },
            Of::Cell { id, name, tactics, technology } => Self {
                technique: Some(id.to_string()),
                technology: Some(technology.clone()),
                name: name.clone(),
                tactics: Some(tactics.clone()),
                ..Self::default()
            },
        }
    }
}

impl ComparisonSide {
    pub(super) fn new(side: &compare::Side, is_technique: bool) -> Self {
        let position = side.position.map(|position| Position {
            band: position.place,
            percentile: match position.estimate {
                Estimate::At(percentile) => Percentile::Estimate(percentile),
                Estimate::AtMost(percentile) => Percentile::AtMost(percentile),
                Estimate::AtLeast(percentile) => Percentile::AtLeast(percentile),
            },
        });
        let row = side.peers.as_ref().map(|peers| Row::new(peers, is_technique));
        Self { own: Own::from(&side.own), peers: row.into(), position, difference_to_median: side.difference }
    }
}

impl From<&compare::Own> for Own {
    fn from(own: &compare::Own) -> Self {
        match own {
            compare::Own::NotAssessed => Self::Missing { status: Missing::NotAssessed },
            compare::Own::Score { score, level, through } => Self::Score {
                status: Assessed::Assessed,
                score: *score,
                level: *level,
                through: through
                    .map(|through| Through { covered: through.covered, can_see: through.can_see }),
            },
            compare::Own::Share(composite) => Self::Share {
                status: Assessed::Assessed,
                share: composite.share.get(),
                covered: composite.covered,
                of: composite.of,
                unknown: composite.unknown,
            },
            compare::Own::Count { count, step } => {
                Self::Count { status: Assessed::Assessed, count: *count, step: (*step).into() }
            }
        }
    }
}

impl Row {
    fn new(peers: &compare::Peers, is_technique: bool) -> Self {
        let mut row = Self {
            cohort: peers.cohort.to_string(),
            column: peers.column.to_string(),
            members: peers.row.members,
            coverage: is_technique.then_some(peers.coverage),
            quantiles: RowQuantiles::default(),
            coded: BTreeMap::new(),
            steps: BTreeMap::new(),
            confidence: None,
            ranks: BTreeMap::new(),
            same_since: peers.row.same_since,
        };
        if let release::Shown::Quantiles(Quantiles { p10, p25, p50, p75, p90 }) = peers.row.shown {
            let mut take = |name, percentile, quantile: Option<release::Coded>| {
                let quantile = quantile?;
                if let Some(end) = quantile.end {
                    row.coded.insert(name, end.into());
                }
                let ranks = peers.row.members.map(|band| band.ranks(percentile, peers.jitter));
                row.ranks.extend(ranks.map(|ranks| (name, <[u32; 2]>::from(ranks))));
                let step = peers.steps.iter().find(|(of, _)| u32::from(*of) == percentile);
                row.steps.extend(step.map(|(_, step)| (name, Step::from(*step))));
                Some(quantile.value)
            };
            row.quantiles = RowQuantiles {
                p10: take(Quantile::P10, 10, p10),
                p25: take(Quantile::P25, 25, p25),
                p50: take(Quantile::P50, 50, Some(p50)),
                p75: take(Quantile::P75, 75, p75),
                p90: take(Quantile::P90, 90, p90),
            };
            row.confidence = peers.row.members.map(release::Band::grade);
        }
        row
    }
}

impl From<comparison::Step> for Step {
    fn from(step: comparison::Step) -> Self {
        Self { from: step.from, to: step.to }
    }
}

impl From<Step> for comparison::Step {
    fn from(step: Step) -> Self {
        Self { from: step.from, to: step.to }
    }
}

impl From<release::End> for End {
    fn from(end: release::End) -> Self {
        match end {
            release::End::Low => Self::Low,
            release::End::High => Self::High,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(peers: serde_json::Value) -> Result<ComparisonItem, serde_json::Error> {
        serde_json::from_value(json!({
            "technique": "T1059", "name": "Command and Scripting Interpreter", "tactics": ["execution"],
            "own": {"status": "assessed", "score": 50, "level": "partial", "through": {"covered": 1, "can_see": 5}},
            "peers": peers,
            "position": {"band": "p50_p75", "percentile_at_most": 25}, "difference_to_median": 5,
        }))
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let row = json!({"status": "released", "cohort": "sector:finance", "column": "any", "members": "50-99",
            "coverage": "most", "p25": 10, "p50": 45, "p75": 70, "coded": {"p25": "low"}, "confidence": "B",
            "ranks": {"p50": [36, 64]}, "same_since": 2});
        for peers in [row, json!({"status": "not_released"})] {
            let text = serde_json::to_string(&read(peers).unwrap()).unwrap();
            let again: ComparisonItem = serde_json::from_str(&text).unwrap();
            assert_eq!(serde_json::to_string(&again).unwrap(), text);
        }
    }

    #[test]
    fn a_later_services_members_are_read_over_and_unknown_words_are_not() {
        let row = |word: &str| json!({"status": "released", "cohort": "all", "column": "any", "coverage": word, "of_tomorrow": [1]});
        let item = read(row("few")).unwrap();
        assert_eq!(item.asked.peers.row().unwrap().coverage, Some(Word::Few));
        assert!(read(row("nearly all")).is_err());
        assert!(read(json!({"status": "hidden"})).is_err());
    }
}
