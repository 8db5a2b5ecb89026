//! Gaps with their reasons, and the organisation's own book of them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::Envelope,
    item::{ComparisonSide, End, Own, Peers, Position, Quantile},
    library::RulesAvailable,
    names,
    set::SetCounts,
};
use crate::{
    app::{compare::gaps, read_gaps},
    domain::{
        attack::AttackVersion,
        calendar::Month,
        comparison::{AcceptedReason, BookEntry, Decision, Feasibility, GapState, GapStatus, Word},
    },
};

/// A page of gaps with their reasons.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = GapPage)]
pub struct Gaps {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Counts of the requested set. Absent without `set`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<SetCounts>,
    /// Gaps of this page. Techniques that you haven't assessed come last.
    pub items: Vec<Gap>,
    /// Number of gaps in the list with a distance above 0.
    #[schema(example = 33)]
    pub behind: u32,
    /// Number of techniques in the list that you haven't assessed.
    #[schema(example = 4)]
    pub unknown: u32,
    /// Cursor of the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A technique that your peers cover and you don't in full, with reasons to close the gap.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = TechniqueGap)]
pub struct Gap {
    /// ID of the technique or sub-technique.
    #[schema(example = "T1190")]
    pub technique: String,
    /// Name of the technique.
    #[schema(example = "Exploit Public-Facing Application")]
    pub name: String,
    /// Short names of the technique's tactics.
    #[schema(example = json!(["initial-access"]))]
    pub tactics: Vec<String>,
    pub own: Own,
    pub peers: Peers,
    /// Position of your value among the published quantiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Your value, coded like published values, minus your peers' median. Negative is behind. A bound if one of them is coded to
    /// an end, and absent if both are coded to the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = -50)]
    pub difference_to_median: Option<i16>,
    /// Points to the median where half or more of your peers cover the technique, or half the points to the upper quartile
    /// where a quarter do. Absent if you haven't assessed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 50)]
    pub distance: Option<u8>,
    /// Origin of the distance if the row shows no median: 50 minus your score.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub from: Option<Statement>,
    /// Percentage of parent techniques that fewer of the chosen threat groups use.
    #[schema(maximum = 100, example = 97)]
    pub threat: u8,
    #[serde(flatten)]
    pub means: Means,
    /// True if one technology alone covers the technique.
    #[schema(example = false)]
    pub fragile: bool,
    /// Order in which to close gaps: `distance * (50 + threat / 2) * f / 10000`, f = 100 for `ready`, 70 for `possible`, 30 for
    /// `source_missing`. Absent if you haven't assessed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 49)]
    pub priority: Option<u8>,
    /// Rules of public libraries that name the technique: a reference, not peers. Absent if no library has the release's
    /// version of the technique.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules_available: Vec<RulesAvailable>,
    #[serde(flatten)]
    pub state: State,
}

/// The mark of a distance from a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statement {
    Statement,
}

/// The means by which a technique could be covered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = GapMeans)]
pub struct Means {
    /// Feasibility of covering the technique with what you have.
    #[schema(value_type = names::Feasibility)]
    pub feasibility: Feasibility,
    /// Your technologies through which half or more of their owners cover the technique, highest median first. Absent if
    /// there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Through>,
    /// Your technologies that can see the technique, the one with rules for most techniques first. Absent if none can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["microsoft.windows"]))]
    pub can_see: Vec<String>,
    /// Technologies that could see the technique. Absent if one of yours can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["aws.cloudtrail"]))]
    pub could_see: Vec<String>,
}

/// The coverage of a technique through one of your technologies, among the members who have it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PeersThroughTechnology)]
pub struct Through {
    /// ID of the technology.
    #[schema(example = "microsoft.windows")]
    pub technology: String,
    /// Name of the technology.
    #[schema(example = "Windows event logs and Sysmon")]
    pub name: String,
    /// Your score through this technology. Absent if it isn't assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 0)]
    pub own: Option<u8>,
    /// Share of the members with the technology that cover the technique through it.
    #[schema(value_type = names::Coverage)]
    pub coverage: Word,
    /// Median of the members with the technology, coded. Absent if only the coverage is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 50)]
    pub p50: Option<u8>,
    /// End that the median is coded to. Absent if it isn't.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<names::CodedQuantiles>)]
    pub coded: BTreeMap<Quantile, End>,
    /// Cohort that the numbers are from.
    #[schema(example = "sector:finance")]
    pub cohort: String,
}

/// The state of a gap in your book.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = GapBookState)]
pub struct State {
    /// Status of the gap.
    #[schema(value_type = names::GapStatus)]
    pub status: GapStatus,
    /// Month in which the gap is to be closed. Only planned gaps have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2027-01")]
    pub month: Option<Month>,
    /// True if the planned month has passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    /// Reason why the gap is left open. Only accepted gaps have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::AcceptedReason>)]
    pub reason: Option<AcceptedReason>,
    /// Last month in which the gap is left open. Only accepted gaps have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2027-06")]
    pub until: Option<Month>,
    /// Date of the upload that closed the gap. Absent if it was closed before the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub closed_on: Option<NaiveDate>,
    /// Date of the upload with which a closed gap opened again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub reopened_on: Option<NaiveDate>,
}

/// Your book of gaps: what you decided, and what has become of it. Nobody else sees it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = GapBook)]
pub struct Book {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Your decisions, sorted by technique ID.
    pub items: Vec<Entry>,
}

/// A decision about a gap.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = GapBookEntry)]
pub struct Entry {
    /// ID of the technique or sub-technique.
    #[schema(example = "T1190")]
    pub technique: String,
    /// ATT&CK version of the ID.
    #[schema(value_type = String, example = "19.2")]
    pub attack: AttackVersion,
    /// Date of the decision.
    #[schema(value_type = String, format = Date)]
    pub decided_on: NaiveDate,
    #[serde(flatten)]
    pub state: State,
    /// Name of the technique. Absent if the release's ATT&CK version doesn't have the technique.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Exploit Public-Facing Application")]
    pub name: Option<String>,
    /// Your current score. Absent if it isn't assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 29)]
    pub own: Option<u8>,
    /// Median of your peers that closes the gap. Absent if it isn't released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 50)]
    pub p50: Option<u8>,
    /// End that the median is coded to. Absent if it isn't.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<names::CodedQuantiles>)]
    pub coded: BTreeMap<Quantile, End>,
}

impl From<&gaps::Gaps> for Gaps {
    fn from(found: &gaps::Gaps) -> Self {
        Self {
            envelope: Envelope::from(&found.envelope),
            set: found.set.as_ref().map(SetCounts::from),
            items: found.items.iter().filter_map(Gap::of).collect(),
            behind: found.behind,
            unknown: found.unknown,
            next: found.next.clone(),
        }
    }
}

impl Gap {
    fn of(gap: &gaps::Gap) -> Option<Self> {
        let item = super::ComparisonItem::from(&gap.entry);
        let ComparisonSide { own, peers, position, difference_to_median } = item.shown().1.clone();
        let distance = gap.distance.map(|distance| distance.points);
        let from_statement = gap.distance.is_some_and(|distance| distance.from_statement);
        Some(Self {
            technique: item.subject.technique?,
            name: item.subject.name,
            tactics: item.subject.tactics.unwrap_or_default(),
            own,
            peers,
            position,
            difference_to_median,
            distance,
            from: from_statement.then_some(Statement::Statement),
            threat: gap.threat,
            means: Means::from(&gap.means),
            fragile: gap.fragile,
            priority: gap.priority,
            rules_available: gap.rules_available.iter().map(RulesAvailable::from).collect(),
            state: gap.state.map_or(State::of(gap.status), State::from),
        })
    }
}

impl From<&gaps::Means> for Means {
    fn from(means: &gaps::Means) -> Self {
        let through = means.through.iter().map(|through| Through {
            technology: through.technology.clone(),
            name: through.name.clone(),
            own: through.own,
            coverage: through.coverage,
            p50: through.p50.map(|p50| p50.value),
            coded: through
                .p50
                .and_then(|p50| p50.end)
                .map(|end| (Quantile::P50, end.into()))
                .into_iter()
                .collect(),
            cohort: through.cohort.to_string(),
        });
        Self {
            feasibility: means.feasibility,
            through: through.collect(),
            can_see: means.can_see.clone(),
            could_see: means.could_see.clone(),
        }
    }
}

impl State {
    /// A status that nothing else is said of.
    fn of(status: GapStatus) -> Self {
        Self {
            status,
            month: None,
            overdue: false,
            reason: None,
            until: None,
            closed_on: None,
            reopened_on: None,
        }
    }

    fn decided(decision: Decision, status: GapStatus) -> Self {
        let state = Self::of(status);
        match decision {
            Decision::Open => state,
            Decision::Planned { month } => Self { month: Some(month), ..state },
            Decision::Accepted { reason, until } => {
                Self { reason: Some(reason), until: Some(until), ..state }
            }
        }
    }
}

impl From<GapState> for State {
    fn from(state: GapState) -> Self {
        let day = |at: Option<DateTime<Utc>>| at.map(|at| at.date_naive());
        Self {
            overdue: state.overdue,
            closed_on: day(state.closed_at),
            reopened_on: day(state.reopened_at),
            ..Self::decided(state.decision, state.status)
        }
    }
}

impl From<&read_gaps::OwnBook> for Book {
    fn from(book: &read_gaps::OwnBook) -> Self {
        Self { envelope: Envelope::from(&book.envelope), items: book.items.iter().map(Entry::from).collect() }
    }
}

impl From<&read_gaps::Decided> for Entry {
    fn from(decided: &read_gaps::Decided) -> Self {
        let line = decided.line.as_ref().map(super::ComparisonItem::from);
        let side = line.as_ref().map(|line| line.shown().1);
        let row = side.and_then(|side| side.peers.row());
        let end = row.and_then(|row| row.coded.get(&Quantile::P50));
        Self {
            state: State::from(decided.state),
            own: side.and_then(|side| side.own.value()).and_then(|own| u8::try_from(own).ok()),
            p50: row.and_then(|row| row.quantiles.p50),
            coded: end.map(|end| (Quantile::P50, *end)).into_iter().collect(),
            name: line.map(|line| line.subject.name),
            ..Self::from(&decided.entry)
        }
    }
}

impl From<&BookEntry> for Entry {
    /// Says what was decided, and nothing of what follows from your coverage.
    fn from(entry: &BookEntry) -> Self {
        Self {
            technique: entry.technique.to_string(),
            attack: entry.attack,
            decided_on: entry.decided_at.date_naive(),
            state: State::decided(entry.decision, entry.decision.status()),
            name: None,
            own: None,
            p50: None,
            coded: BTreeMap::new(),
        }
    }
}
