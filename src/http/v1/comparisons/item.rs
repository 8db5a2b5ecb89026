//! One line of a comparison as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::compare,
    domain::{
        comparison::Estimate,
        release::{Coded, Grade, Quantiles, Shown},
        scale::Level,
    },
};

/// A line: what it is about, the own number, the peers' published row, and where the own number lies in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonItem {
    #[serde(flatten)]
    pub subject: Subject,
    #[serde(flatten)]
    pub asked: ComparisonSide,
    /// The nearest row that is published, where the asked one is not, with the own number computed in its column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<ComparisonSide>,
}

/// What a line is about: the members that apply.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Subject {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "T1059")]
    pub technique: Option<String>,
    /// A tactic's short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tactic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technology: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// A tactic's id, which may mean another tactic in another version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[schema(example = "Command and Scripting Interpreter")]
    pub name: String,
    /// A technique's tactics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tactics: Option<Vec<String>>,
}

/// The own number beside the peers' row.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonSide {
    pub own: Own,
    pub peers: Peers,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The own number, coded as published ones are, minus the peers' median: negative is behind. Left out where both are
    /// coded at the same end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference_to_median: Option<i16>,
}

/// The own side: a score, a share or a count; `{"status": "not_assessed"}` where there is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Own {
    Score {
        /// 0 to 100.
        score: u8,
        #[schema(example = "partial")]
        level: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        through: Option<Through>,
    },
    Share {
        /// Percent of the set's techniques that are covered.
        share: u8,
        covered: u32,
        /// Techniques in the set.
        of: u32,
        /// Techniques of the set of which nothing is assessed; they count as not covered.
        unknown: u32,
    },
    Count {
        /// Parent techniques with at least one rule through the technology.
        count: u32,
    },
    Missing {
        status: &'static str,
    },
}

/// Of how many of the technologies that can see the technique there is a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct Through {
    pub covered: u32,
    pub can_see: u32,
}

/// The peers' published row; `{"status": "not_released"}` where there is none, whatever the reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct Peers {
    /// `released` or `not_released`.
    pub status: &'static str,
    #[serde(flatten)]
    pub row: Option<Row>,
}

/// A published row.
#[derive(Debug, Serialize, ToSchema)]
pub struct Row {
    #[schema(example = "sector:finance")]
    pub cohort: String,
    #[schema(example = "any")]
    pub column: String,
    /// How many independent members, as a band. A row that says `few` says neither this nor since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "50-99")]
    pub members: Option<&'static str>,
    /// About how many peers cover the technique: `most`, `half`, `quarter` (or more of them), `few`; of small groups only
    /// `half` or `less_than_half`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p10: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p25: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p75: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90: Option<u8>,
    /// Quantiles that stand for an end: `low` for this or less, `high` for this or more.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub coded: BTreeMap<&'static str, &'static str>,
    /// A (200 members and more) to D (10 to 19).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<&'static str>,
    /// Per quantile, the ranks in percent of the members between which the true one lies with 95 % confidence.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ranks: BTreeMap<&'static str, [u32; 2]>,
    /// The first release since which the row has been unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_since: Option<u32>,
}

/// Where the own number lies, from the published row alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Position {
    /// Such as `p25_p50`, `around_p50`, `below_p25`, `tied_low`.
    #[schema(example = "p50_p75")]
    pub band: &'static str,
    /// An estimate, linear between the published quantiles.
    pub percentile_estimate: Percentile,
}

/// A percentile, or a bound outside the published quantiles.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Percentile {
    At(u8),
    AtMost { at_most: u8 },
    AtLeast { at_least: u8 },
}

/// The word of a level.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::None => "none",
        Level::Partial => "partial",
        Level::Full => "full",
    }
}

fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "A",
        Grade::B => "B",
        Grade::C => "C",
        Grade::D => "D",
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
    fn new(side: &compare::Side, is_technique: bool) -> Self {
        let position = side.position.map(|position| Position {
            band: position.place.name(),
            percentile_estimate: match position.estimate {
                Estimate::At(percentile) => Percentile::At(percentile),
                Estimate::AtMost(at_most) => Percentile::AtMost { at_most },
                Estimate::AtLeast(at_least) => Percentile::AtLeast { at_least },
            },
        });
        let row = side.peers.as_ref().map(|peers| Row::new(peers, is_technique));
        Self {
            own: Own::from(&side.own),
            peers: Peers { status: if row.is_some() { "released" } else { "not_released" }, row },
            position,
            difference_to_median: side.difference,
        }
    }
}

impl From<&compare::Own> for Own {
    fn from(own: &compare::Own) -> Self {
        match own {
            compare::Own::NotAssessed => Self::Missing { status: "not_assessed" },
            compare::Own::Score { score, level: reached, through } => Self::Score {
                score: *score,
                level: level(*reached),
                through: through
                    .map(|through| Through { covered: through.covered, can_see: through.can_see }),
            },
            compare::Own::Share(composite) => Self::Share {
                share: composite.share.get(),
                covered: composite.covered,
                of: composite.of,
                unknown: composite.unknown,
            },
            compare::Own::Count(count) => Self::Count { count: *count },
        }
    }
}

impl Row {
    fn new(peers: &compare::Peers, is_technique: bool) -> Self {
        let band = peers.row.members;
        let tells = peers.row.shown != Shown::Few;
        let mut row = Self {
            cohort: peers.cohort.to_string(),
            column: peers.column.to_string(),
            members: tells.then(|| band.name()),
            coverage: is_technique.then(|| peers.coverage.name()),
            p10: None,
            p25: None,
            p50: None,
            p75: None,
            p90: None,
            coded: BTreeMap::new(),
            confidence: None,
            ranks: BTreeMap::new(),
            same_since: tells.then_some(peers.row.same_since),
        };
        if let Shown::Quantiles(Quantiles { p10, p25, p50, p75, p90 }) = peers.row.shown {
            let mut take = |name, percentile, quantile: Option<Coded>| {
                let quantile = quantile?;
                if quantile.is_low() {
                    row.coded.insert(name, "low");
                } else if quantile.is_high() {
                    row.coded.insert(name, "high");
                }
                row.ranks.insert(name, <[u32; 2]>::from(band.ranks(percentile)));
                Some(quantile.value)
            };
            (row.p10, row.p25) = (take("p10", 10, p10), take("p25", 25, p25));
            row.p50 = take("p50", 50, Some(p50));
            (row.p75, row.p90) = (take("p75", 75, p75), take("p90", 90, p90));
            row.confidence = Some(grade(band.grade()));
        }
        row
    }
}
