//! The envelope of every comparison, and the two answers.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{item::ComparisonItem, names, set::SetCounts};
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
    /// Release that the peers' values are from.
    pub release: ReleaseOf,
    /// Cohort that was requested.
    #[schema(example = "sector:finance")]
    pub cohort: String,
    /// Number of independent members of the cohort, as a band. Absent if the cohort isn't released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::MemberBand>)]
    pub members: Option<Band>,
    /// Kind of evidence that is compared.
    #[schema(value_type = names::BenchmarkedBasis)]
    pub basis: Basis,
    /// Preset of the release's privacy parameters.
    #[schema(value_type = names::Preset)]
    pub preset: Preset,
    /// Scales that enough members use to be named.
    #[schema(value_type = Vec<names::ScaleName>)]
    pub scales: Vec<String>,
    /// Meanings of the levels of your scores.
    pub levels: Levels,
    /// Your snapshots behind `own`. Your values are always those of today's snapshots, whatever release is requested; a trend
    /// has the earlier ones.
    pub snapshots: Vec<Feed>,
    /// Set of techniques that your shares are out of.
    pub denominator: Denominator,
}

/// The release that the peers' values are from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ComparedRelease)]
pub struct ReleaseOf {
    /// Number of the release.
    #[schema(minimum = 1, example = 2)]
    pub number: u32,
    /// Cut-off of the release.
    #[schema(value_type = String, format = DateTime)]
    pub cut_off: DateTime<Utc>,
    /// Time of the publication, rounded down to the hour: the moment would tell how long the release took. It can therefore
    /// be before the cut-off.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: DateTime<Utc>,
    /// ATT&CK version that the release is computed in.
    #[schema(value_type = String, example = "19.0")]
    pub attack: AttackVersion,
}

/// Meanings of the levels of your scores.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LevelMeanings)]
pub struct Levels {
    /// Meaning of the level `none`.
    #[schema(value_type = String, example = "score 0")]
    pub none: Cow<'static, str>,
    /// Meaning of the level `partial`.
    #[schema(value_type = String, example = "score 1 to 74")]
    pub partial: Cow<'static, str>,
    /// Meaning of the level `full`.
    #[schema(value_type = String, example = "score 75 or more")]
    pub full: Cow<'static, str>,
}

const LEVELS: Levels = Levels {
    none: Cow::Borrowed("score 0"),
    partial: Cow::Borrowed("score 1 to 74"),
    full: Cow::Borrowed("score 75 or more; on the scale rule-count/1 four or more enabled rules"),
};

/// One of your snapshots that a comparison uses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ComparedSnapshot)]
pub struct Feed {
    /// ID of the snapshot.
    #[schema(example = "01a20bd7-6820-7085-91c7-d703078d34cd")]
    pub id: String,
    /// Product or format of its rules.
    #[schema(value_type = names::Source)]
    pub source: String,
    /// Number that distinguishes several feeds of one source.
    #[schema(minimum = 1, maximum = 99, example = 1)]
    pub feed: u8,
    /// Month that the snapshot describes.
    #[schema(value_type = String, example = "2026-11")]
    pub period: Month,
    /// Kind of evidence behind its values.
    #[schema(value_type = names::Basis)]
    pub basis: Basis,
    /// ATT&CK version of the snapshot.
    #[schema(value_type = String, example = "18.1")]
    pub attack: AttackVersion,
}

/// The denominator of the organisation's own numbers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Denominator {
    /// Set of techniques, in words.
    #[schema(example = "parent techniques that apply to a platform the organisation runs")]
    pub set: String,
    /// Column that the techniques are assessed in: `any`, a family or a technology.
    #[schema(example = "any")]
    pub column: String,
    /// Number of techniques that apply.
    #[schema(example = 199)]
    pub applies: u32,
    /// Number of applicable techniques that are assessed.
    #[schema(example = 198)]
    pub assessed: u32,
}

/// A page of lines.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Counts of the requested set. Absent without `set`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<SetCounts>,
    /// Rows of this page.
    pub items: Vec<ComparisonItem>,
    /// Number of techniques that are left out because few peers cover them, by their coverage. The same request with the
    /// parameter `coverage` and this word returns exactly these. Absent if none is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<BTreeMap<String, u32>>, example = json!({"few": 131}))]
    pub hidden: BTreeMap<Word, u32>,
    /// Cursor of the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The comparison of your organisation with its peers on one page.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ComparisonSummary {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Counts of the requested set, which `gaps` are out of. Absent without `set`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<SetCounts>,
    /// Your coverage of all applicable techniques.
    pub overall: ComparisonItem,
    /// Mean of your technique scores. Peers have no such number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 13)]
    pub own_mean_score: Option<u8>,
    /// Your coverage per tactic, in the order of the matrix.
    pub tactics: Vec<ComparisonItem>,
    /// Your techniques furthest behind the peers' median, at most ten.
    pub gaps: Vec<ComparisonItem>,
    /// Number of your techniques behind the peers' median.
    #[serde(default)]
    #[schema(required = true, example = 57)]
    pub gap_count: u32,
    /// Your technologies, each among the organisations that have it.
    pub technologies: Vec<ComparisonItem>,
}

fn items(entries: &[compare::Entry]) -> Vec<ComparisonItem> {
    entries.iter().map(ComparisonItem::from).collect()
}

impl From<&compare::Answer> for Comparison {
    fn from(answer: &compare::Answer) -> Self {
        Self {
            envelope: Envelope::from(&answer.envelope),
            set: answer.set.as_ref().map(SetCounts::from),
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
            set: summary.set.as_ref().map(SetCounts::from),
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
