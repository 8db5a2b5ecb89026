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
            Self::RulesRepeated => "rules that another file or form has as well, which count once",
            Self::RulesDisabled => "disabled rules",
            Self::RulesNotScheduled => "rules that are not scheduled",
            Self::RulesRiskOnly => "rules that only add to a risk score",
            Self::RulesNoAlertAction => "rules that run but tell nobody",
            Self::RulesHunting => "rules that are starting points for hunters, not alerts",
            Self::RulesPartOfCorrelation => "parts of a correlation that alerts instead",
            Self::RulesBuildingBlock => "building blocks, whose alerts only feed other rules",
            Self::RulesPassThrough => {
                "rules that pass on what another product detected, or that the vendor keeps to itself"
            }
            Self::RulesPrototype => "prototypes, whose findings lead to no incident",
            Self::RulesUntagged => "rules without a technique",
            Self::RulesOverBroad => "rules with more techniques than --max-techniques",
            Self::RulesOfUndeclaredTechnology => "rules about technologies that --technology does not name",
            Self::IdsMalformed => "malformed technique ids",
            Self::NamesUnknown => "technique names that ATT&CK does not know",
            Self::NamesAmbiguous => "technique names of several techniques (write the id)",
            Self::TacticsNamed => "tactics where techniques belong",
            Self::IdsOfAnotherMatrix => "technique ids of another matrix (ICS, mobile)",
            Self::IdsUnknown => "technique ids of no version of Enterprise ATT&CK known here",
            Self::IdsNotInVersion => "technique ids that the snapshot's ATT&CK version does not have",
            Self::IdsDeprecated => "deprecated technique ids",
            Self::IdsParentBesideItsSub => "parent ids beside their own sub-technique, which counts instead",
            Self::EntriesDisabled => "disabled entries",
            Self::EntriesUnscored => "entries without a score (which is not a score of zero)",
            Self::EntriesUntagged => "entries without a technique",
            Self::DocumentsNoRule => "documents that are no rules, and logs without a technique",
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
