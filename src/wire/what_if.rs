//! The comparison before and after changes, and the fewest changes that reach a target.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::Envelope,
    gap::Means,
    item::{ComparisonItem, ComparisonSide, Own, Peers, Position, Subject},
    names,
};
use crate::{
    app::compare::{self, fewest, what_if},
    domain::comparison::NoEffect,
};

/// Changes to your coverage that you think about. At least one must be there.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = WhatIfRequest)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// Rules to add.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub add: Vec<AddedRules>,
    /// Technologies that you would no longer have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000, example = json!(["okta.identity"]))]
    pub remove_technology: Vec<String>,
    /// Technologies that you would have, without any rule yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000, example = json!(["aws.cloudtrail"]))]
    pub add_technology: Vec<String>,
    /// Whole snapshots to add, such as a vendor's content. Only what they cover counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>, max_items = 10)]
    pub snapshots: Vec<Value>,
}

/// Rules to add for a technique through a technology.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AddedRules)]
#[serde(deny_unknown_fields)]
pub struct AddedRules {
    /// ID of the technique or sub-technique.
    #[schema(example = "T1190")]
    pub technique: String,
    /// ID of the technology.
    #[schema(example = "microsoft.windows")]
    pub technology: String,
    /// Number of rules, 1 to 20. 1 if omitted.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 20, required = false, example = 2)]
    pub count: u32,
}

fn one() -> u32 {
    1
}

/// Your comparison before and after changes. Nothing of them is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WhatIf)]
pub struct WhatIf {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Your coverage of all applicable techniques.
    pub overall: Change,
    /// Your coverage per tactic, in the order of the matrix.
    pub tactics: Vec<Change>,
    /// Technologies that you have before or after.
    pub technologies: Vec<Change>,
    /// Techniques that change their level.
    pub techniques: Vec<Change>,
    /// Techniques that get rules while their parent technique keeps its level. A score that stays the same is reached by
    /// another rule or technology already.
    #[serde(default)]
    #[schema(required = true)]
    pub same_level: Vec<Change>,
    /// Number of techniques that become assessed.
    #[schema(example = 0)]
    pub newly_assessed: u32,
    /// Number of techniques that are no longer assessed.
    #[schema(example = 0)]
    pub no_longer_assessed: u32,
    /// Changes that have no effect, each with its reason.
    pub not_applied: Vec<NotApplied>,
}

/// A line before and after.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WhatIfLine)]
pub struct Change {
    #[serde(flatten)]
    pub subject: Subject,
    pub peers: Peers,
    /// Your value and position now.
    pub before: Standing,
    /// Your value and position after the changes.
    pub after: Standing,
}

/// Your value and its position.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WhatIfSide)]
pub struct Standing {
    pub own: Own,
    /// Position of the value among the published quantiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The value, coded like published values, minus your peers' median. Negative is behind. A bound if one of them is coded to
    /// an end, and absent if both are coded to the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub difference_to_median: Option<i16>,
}

/// A change that has no effect.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ChangeWithoutEffect)]
pub struct NotApplied {
    /// Reason why the change has no effect.
    #[schema(value_type = names::NoEffect)]
    pub reason: NoEffect,
    /// ID of the technology.
    #[schema(example = "crowdstrike.falcon")]
    pub technology: String,
    /// ID of the technique. Absent if it is about the technology as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "T1190")]
    pub technique: Option<String>,
    /// Position of the snapshot in `snapshots`, from 0. Absent if it isn't about a snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    pub snapshot: Option<usize>,
    /// Number of cells that it is about.
    #[schema(minimum = 1, example = 1)]
    pub cells: u32,
}

/// The fewest changes by which a measure reaches a target.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = FewestChanges)]
pub struct FewestChanges {
    #[serde(flatten)]
    pub envelope: Envelope,
    /// Measure as requested.
    #[schema(example = "tactic:initial-access")]
    pub measure: String,
    /// Name of what is measured.
    #[schema(example = "Initial Access")]
    pub name: String,
    /// Target as requested: `p50`, `p75` or a number.
    #[schema(example = "p50")]
    pub target: String,
    /// Value of the target. It stands for more than itself if `peers` says that the quantile is coded or a step.
    #[schema(example = 45)]
    pub target_value: u16,
    /// Your value now. Absent if nothing is assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 18)]
    pub own: Option<u32>,
    /// Number of techniques that you cover. Only shares have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2)]
    pub covered: Option<u32>,
    /// Number of techniques that the share is out of. Only shares have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 11)]
    pub of: Option<u32>,
    pub peers: Peers,
    /// Number of techniques to cover, or of rules to add for a technique. 0 if a target is published as this or less and you
    /// are within it.
    #[schema(example = 3)]
    pub needed: u32,
    /// True if your technologies suffice to reach the target.
    pub reachable: bool,
    /// Highest value that your technologies can reach.
    #[schema(example = 91)]
    pub bound: u16,
    /// Changes in the order in which to make them. They can be sent to `POST /v1/comparisons/what-if` as `add`.
    pub changes: Vec<SuggestedChange>,
}

/// Rules to add for a technique.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SuggestedChange)]
pub struct SuggestedChange {
    /// ID of the technique.
    #[schema(example = "T1190")]
    pub technique: String,
    /// Name of the technique.
    #[schema(example = "Exploit Public-Facing Application")]
    pub name: String,
    /// Short names of the technique's tactics.
    #[schema(example = json!(["initial-access"]))]
    pub tactics: Vec<String>,
    /// ID of one of your technologies that can see the technique; the one that most peers cover it through.
    #[schema(example = "microsoft.windows")]
    pub technology: String,
    /// Number of rules to add.
    #[schema(minimum = 1, maximum = 20, example = 1)]
    pub count: u8,
    #[serde(flatten)]
    pub means: Means,
    /// Percentage of parent techniques that fewer threat groups use.
    #[schema(maximum = 100, example = 97)]
    pub threat: u8,
    /// Points to the median, or half the points to the upper quartile. Absent if few peers cover the technique, or you
    /// haven't assessed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100, example = 50)]
    pub distance: Option<u8>,
    /// Priority as in the list of gaps; 0 without a distance.
    #[schema(maximum = 100, example = 49)]
    pub priority: u8,
    /// Value of the measure after this change and those before it.
    #[schema(example = 27)]
    pub reaches: u16,
}

impl From<&what_if::WhatIf> for WhatIf {
    fn from(found: &what_if::WhatIf) -> Self {
        let lines = |changes: &[what_if::Change]| changes.iter().map(Change::from).collect();
        let not_applied = found.not_applied.iter().map(|change| NotApplied {
            reason: change.reason,
            technology: change.technology.clone(),
            technique: change.technique.map(|id| id.to_string()),
            snapshot: change.snapshot,
            cells: change.cells,
        });
        Self {
            envelope: Envelope::from(&found.envelope),
            overall: Change::from(&found.overall),
            tactics: lines(&found.tactics),
            technologies: lines(&found.technologies),
            techniques: lines(&found.techniques),
            same_level: lines(&found.same_level),
            newly_assessed: found.newly_assessed,
            no_longer_assessed: found.no_longer_assessed,
            not_applied: not_applied.collect(),
        }
    }
}

impl From<&what_if::Change> for Change {
    fn from(change: &what_if::Change) -> Self {
        let side = |entry: &compare::Entry| {
            let item = ComparisonItem::from(entry);
            let ComparisonSide { own, peers, position, difference_to_median } = item.shown().1.clone();
            (item.subject, peers, Standing { own, position, difference_to_median })
        };
        let (subject, peers, before) = side(&change.before);
        let (_, _, after) = side(&change.after);
        Self { subject, peers, before, after }
    }
}

impl From<&fewest::Fewest> for FewestChanges {
    fn from(found: &fewest::Fewest) -> Self {
        let item = ComparisonItem::from(&found.entry);
        let side = item.shown().1.clone();
        let (covered, of) = match &side.own {
            Own::Share { covered, of, .. } => (Some(*covered), Some(*of)),
            _ => (None, None),
        };
        let changes = found.changes.iter().map(|change| SuggestedChange {
            technique: change.technique.to_string(),
            name: change.name.clone(),
            tactics: change.tactics.clone(),
            technology: change.technology.clone(),
            count: change.rules,
            means: Means::from(&change.means),
            threat: change.threat,
            distance: change.distance.map(|distance| distance.points),
            priority: change.priority,
            reaches: change.reaches,
        });
        Self {
            envelope: Envelope::from(&found.envelope),
            measure: found.measure.to_string(),
            name: item.subject.name,
            target: found.asked.to_string(),
            target_value: found.target,
            own: side.own.value(),
            covered,
            of,
            peers: side.peers,
            needed: found.needed,
            reachable: found.is_reachable,
            bound: found.bound,
            changes: changes.collect(),
        }
    }
}
