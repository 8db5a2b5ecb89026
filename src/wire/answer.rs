//! The envelope of every comparison, and the two answers.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::item::ComparisonItem;
use crate::{
    app::compare,
    domain::{
        attack::AttackVersion,
        calendar::Month,
        comparison::Word,
        release::{Band, Preset},
        snapshot::Basis,
    },
};

/// The facts that a comparison stands on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Envelope {
    pub release: ReleaseOf,
    #[schema(example = "sector:finance")]
    pub cohort: String,
    /// Number of independent members of the cohort, as a band; left out where it is not released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "50-99")]
    pub members: Option<Band>,
    #[schema(value_type = String, example = "deployed")]
    pub basis: Basis,
    /// The privacy preset of the release; `small-community` is weaker than the others.
    #[schema(value_type = String, example = "default")]
    pub preset: Preset,
    /// The scales that enough members use to be named.
    pub scales: Vec<String>,
    pub levels: Levels,
    /// The own snapshots behind `own`.
    pub snapshots: Vec<Feed>,
    pub denominator: Denominator,
}

/// The release that the peers' side is from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReleaseOf {
    pub number: u32,
    #[schema(value_type = String, format = DateTime)]
    pub cut_off: DateTime<Utc>,
    #[schema(value_type = String, format = DateTime)]
    pub published_at: DateTime<Utc>,
    /// ATT&CK version.
    #[schema(value_type = String, example = "19.0")]
    pub attack: AttackVersion,
}

/// Meanings of the levels of the own scores.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Levels {
    #[schema(value_type = String)]
    pub none: Cow<'static, str>,
    #[schema(value_type = String)]
    pub partial: Cow<'static, str>,
    #[schema(value_type = String)]
    pub full: Cow<'static, str>,
}

const LEVELS: Levels = Levels {
    none: Cow::Borrowed("score 0"),
    partial: Cow::Borrowed("score 1 to 74"),
    full: Cow::Borrowed("score 75 or more; on the scale rule-count/1 four or more enabled rules"),
};

/// One of the own feeds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Feed {
    pub id: String,
    #[schema(example = "splunk")]
    pub source: String,
    pub feed: u8,
    #[schema(value_type = String, example = "2026-11")]
    pub period: Month,
    #[schema(value_type = String)]
    pub basis: Basis,
    /// ATT&CK version of the snapshot.
    #[schema(value_type = String)]
    pub attack: AttackVersion,
}

/// The denominator of the organisation's own numbers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Denominator {
    /// The techniques, in words.
    pub set: String,
    pub column: String,
    /// Number of techniques that apply.
    pub applies: u32,
    /// Number of these that are assessed.
    pub assessed: u32,
}

/// A page of lines.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    #[serde(flatten)]
    pub envelope: Envelope,
    pub items: Vec<ComparisonItem>,
    /// Number of techniques that are left out because few peers cover them, by their word of `coverage`. Ask for them with
    /// that parameter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, u32>, example = json!({"few": 131}))]
    pub hidden: BTreeMap<Word, u32>,
    /// The cursor of the next page; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One page for a security lead.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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
    /// Number of techniques behind the peers' median.
    #[serde(default)]
    pub gap_count: u32,
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
            hidden: answer.hidden.clone(),
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
            gap_count: summary.gap_count,
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
                cut_off: envelope.cut_off,
                published_at: envelope.published_at,
                attack: envelope.attack,
            },
            cohort: envelope.cohort.to_string(),
            members: envelope.members,
            basis: envelope.basis,
            preset: envelope.preset,
            scales: envelope.scales.iter().map(|scale| scale.name().to_owned()).collect(),
            levels: LEVELS,
            snapshots: envelope.feeds.iter().map(Feed::from).collect(),
            denominator: Denominator {
                set: denominator.set.to_owned(),
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
            source: feed.producer.source.name().to_owned(),
            feed: feed.producer.feed,
            period: feed.period,
            basis: feed.basis,
            attack: feed.attack,
        }
    }
}
