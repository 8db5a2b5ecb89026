//! What every comparison says beside its lines, and the two answers.

use serde::Serialize;
use utoipa::ToSchema;

use super::item::ComparisonItem;
use crate::{app::compare, http::reply::moment};

/// What a comparison stands on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope {
    pub release: ReleaseOf,
    #[schema(example = "sector:finance")]
    pub cohort: String,
    /// How many independent members the cohort has, as a band; left out where it is not released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "50-99")]
    pub members: Option<&'static str>,
    #[schema(example = "deployed")]
    pub basis: &'static str,
    /// The privacy preset of the release; `small-community` is weaker than the others.
    #[schema(example = "default")]
    pub preset: &'static str,
    /// The scales that enough members use to be named.
    pub scales: Vec<&'static str>,
    pub levels: Levels,
    /// The own snapshots behind `own`.
    pub snapshots: Vec<Feed>,
    pub denominator: Denominator,
}

/// The release that the peers' side is from.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseOf {
    pub number: u32,
    #[schema(format = DateTime)]
    pub cut_off: String,
    #[schema(format = DateTime)]
    pub published_at: String,
    /// ATT&CK version.
    #[schema(example = "19.0")]
    pub attack: String,
}

/// What the levels of the own scores mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct Levels {
    pub none: &'static str,
    pub partial: &'static str,
    pub full: &'static str,
}

const LEVELS: Levels = Levels {
    none: "score 0",
    partial: "score 1 to 74",
    full: "score 75 and more; on the scale rule-count/1 four or more enabled rules",
};

/// One of the own feeds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feed {
    pub id: String,
    #[schema(example = "splunk")]
    pub source: &'static str,
    pub feed: u8,
    #[schema(example = "2026-11")]
    pub period: String,
    pub basis: &'static str,
    /// ATT&CK version of the snapshot.
    pub attack: String,
}

/// What the own side's numbers are out of.
#[derive(Debug, Serialize, ToSchema)]
pub struct Denominator {
    /// Which techniques.
    pub set: &'static str,
    pub column: String,
    /// How many of the set apply.
    pub applies: u32,
    /// Of how many of these something is assessed.
    pub assessed: u32,
}

/// A page of lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct Comparison {
    #[serde(flatten)]
    pub envelope: Envelope,
    pub items: Vec<ComparisonItem>,
    /// The cursor of the next page; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One page for a security lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonSummary {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Share of all techniques covered that apply to a platform that the organisation runs.
    pub overall: ComparisonItem,
    /// The mean of the own technique scores; there is no such number for peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_mean_score: Option<u8>,
    /// In the order of the matrix.
    pub tactics: Vec<ComparisonItem>,
    /// The techniques furthest behind the peers' median, at most ten.
    pub gaps: Vec<ComparisonItem>,
    pub technologies: Vec<ComparisonItem>,
}

fn items(entries: &[compare::Entry]) -> Vec<ComparisonItem> {
    entries.iter().map(ComparisonItem::from).collect()
}

impl From<&compare::Answer> for Comparison {
    fn from(answer: &compare::Answer) -> Self {
        Self {
            envelope: Envelope::from(&answer.envelope),
            items: items(&answer.items),
            next: answer.next.clone(),
        }
    }
}

impl From<&compare::Summary> for ComparisonSummary {
    fn from(summary: &compare::Summary) -> Self {
        Self {
            envelope: Envelope::from(&summary.envelope),
            overall: ComparisonItem::from(&summary.overall),
            own_mean_score: summary.own_mean_score.map(|score| score.get()),
            tactics: items(&summary.tactics),
            gaps: items(&summary.gaps),
            technologies: items(&summary.technologies),
        }
    }
}

impl From<&compare::Envelope> for Envelope {
    fn from(envelope: &compare::Envelope) -> Self {
        let denominator = &envelope.denominator;
        Self {
            release: ReleaseOf {
                number: envelope.release,
                cut_off: moment(envelope.cut_off),
                published_at: moment(envelope.published_at),
                attack: envelope.attack.to_string(),
            },
            cohort: envelope.cohort.to_string(),
            members: envelope.members.map(|band| band.name()),
            basis: envelope.basis.name(),
            preset: envelope.preset.name(),
            scales: envelope.scales.iter().map(|scale| scale.name()).collect(),
            levels: LEVELS,
            snapshots: envelope.feeds.iter().map(Feed::from).collect(),
            denominator: Denominator {
                set: denominator.set,
                column: denominator.column.to_string(),
                applies: denominator.applies,
                assessed: denominator.assessed,
            },
        }
    }
}

impl From<&compare::Feed> for Feed {
    fn from(feed: &compare::Feed) -> Self {
        Self {
            id: feed.id.clone(),
            source: feed.producer.source.name(),
            feed: feed.producer.feed,
            period: feed.period.to_string(),
            basis: feed.basis.name(),
            attack: feed.attack.to_string(),
        }
    }
}
