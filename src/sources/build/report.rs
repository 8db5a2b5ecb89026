//! The result of a build: the snapshot that leaves, and what was left out and why, which stays on the user's machine.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    domain::{attack::TechniqueId, snapshot::Snapshot},
    sources::{reading::Reading, repeats::Repeat},
};

/// The reason why something isn't in the snapshot. The names are the keys of `left_out`. They count rules, ids (one for
/// each rule that names one) or entries with scores, as their first word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    RulesRepeated,
    RulesDisabled,
    RulesNotScheduled,
    RulesRiskOnly,
    RulesNoAlertAction,
    RulesHunting,
    RulesPartOfCorrelation,
    RulesBuildingBlock,
    RulesPassThrough,
    RulesPrototype,
    RulesUntagged,
    RulesOverBroad,
    RulesOfUndeclaredTechnology,
    IdsMalformed,
    NamesUnknown,
    NamesAmbiguous,
    TacticsNamed,
    IdsOfAnotherMatrix,
    IdsUnknown,
    IdsNotInVersion,
    IdsDeprecated,
    IdsParentBesideItsSub,
    EntriesDisabled,
    EntriesUnscored,
    EntriesUntagged,
    DocumentsNoRule,
}

impl Reason {
    /// The words of the text summary before the number.
    pub fn words(self) -> &'static str {
        match self {
            Self::RulesRepeated => "rules repeated in another file or form (each counts once)",
            Self::RulesDisabled => "disabled rules",
            Self::RulesNotScheduled => "rules without a schedule",
            Self::RulesRiskOnly => "rules that only add to a risk score",
            Self::RulesNoAlertAction => "enabled rules without an alert action",
            Self::RulesHunting => "hunting rules, which raise no alert",
            Self::RulesPartOfCorrelation => "rules that alert only through a correlation",
            Self::RulesBuildingBlock => "building blocks, whose alerts only feed other rules",
            Self::RulesPassThrough => {
                "rules that forward another product's detections, or whose logic the vendor doesn't export"
            }
            Self::RulesPrototype => "prototype rules, whose findings create no incident",
            Self::RulesUntagged => "rules without a technique",
            Self::RulesOverBroad => "rules with more techniques than --max-techniques",
            Self::RulesOfUndeclaredTechnology => "rules about technologies that --technology does not name",
            Self::IdsMalformed => "malformed technique IDs",
            Self::NamesUnknown => "unknown technique names",
            Self::NamesAmbiguous => "technique names that several techniques have (use the ID)",
            Self::TacticsNamed => "tactics given as techniques",
            Self::IdsOfAnotherMatrix => "technique IDs of another matrix (ICS, Mobile)",
            Self::IdsUnknown => "technique IDs that no known version of Enterprise ATT&CK has",
            Self::IdsNotInVersion => "technique IDs that the snapshot's ATT&CK version doesn't have",
            Self::IdsDeprecated => "deprecated technique IDs",
            Self::IdsParentBesideItsSub => {
                "parent techniques tagged with one of their sub-techniques (only the sub-technique counts)"
            }
            Self::EntriesDisabled => "disabled entries",
            Self::EntriesUnscored => "entries without a score (not the same as a score of zero)",
            Self::EntriesUntagged => "entries without a technique",
            Self::DocumentsNoRule => "documents that are not rules, and logs without a technique",
        }
    }
}

/// Numbers by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LeftOut(BTreeMap<Reason, usize>);

impl LeftOut {
    /// Starts with the things in the files that are no rules.
    pub fn of(reading: &Reading) -> Self {
        let mut left_out = Self::default();
        left_out.add(Reason::DocumentsNoRule, reading.not_rules.values().sum());
        left_out
    }

    pub fn add(&mut self, reason: Reason, count: usize) {
        if count > 0 {
            *self.0.entry(reason).or_default() += count;
        }
    }

    pub fn get(&self, reason: Reason) -> usize {
        self.0.get(&reason).copied().unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Reason, usize)> {
        self.0.iter().map(|(reason, count)| (*reason, *count))
    }
}

/// The summary of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Number of rules in the files, or of a layer's entries.
    pub rules: usize,
    /// Number of those that are enabled, or of which the export doesn't say it.
    pub enabled: usize,
    /// Number of those of which the export doesn't say it.
    pub unspecified: usize,
    /// Number of those with at least one technique of any matrix, disabled ones too.
    pub with_technique: usize,
    /// Number of distinct technique ids as written.
    pub techniques: usize,
    /// The technologies that the snapshot names.
    pub technologies: Vec<String>,
    pub left_out: LeftOut,
    /// Number of rules that a cell of the snapshot counts.
    pub counted: usize,
    /// Rules that another file or form has as well and that say something else there.
    pub differing: Vec<Repeat>,
    /// The ways in which the files say that rules are missing, a sentence each.
    pub gaps: Vec<String>,
    /// Raw log sources of no known technology -> number of rules that name them.
    pub unmapped_sources: BTreeMap<String, usize>,
}

/// A snapshot, its report, and the origin of each cell.
#[derive(Debug, Clone)]
pub struct Built {
    pub snapshot: Snapshot,
    pub report: Report,
    /// (technique, technology) -> positions among the reading's rules or scores. Stays local.
    pub origins: BTreeMap<(TechniqueId, String), Vec<usize>>,
}
