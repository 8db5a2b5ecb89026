//! The reasons why a snapshot can't be built.

use thiserror::Error;

use crate::{
    domain::{attack::AttackVersion, scale::Scale, snapshot::Basis},
    sources::{crosswalk::CrosswalkError, reading::Place},
};

/// The reason why there is no snapshot: the user has to change something.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BuildError {
    #[error(
        "{0} is not a technology of the registry, other.<family> or other.unknown: see `GET /v1/technologies`."
    )]
    UnknownTechnology(String),
    #[error("{0} can't be complete: the snapshot doesn't have this technology.")]
    CompleteNotDeclared(String),
    #[error(
        "{0} can't be complete: it is not in the registry, or it has built-in detections that no export shows."
    )]
    CannotBeComplete(String),
    #[error("Unknown ATT&CK version {0}. Known versions: {1}.")]
    UnknownVersion(AttackVersion, String),
    #[error("No ATT&CK catalogue is loaded.")]
    NoCatalogue,
    #[error(
        "Rule exports are deployed or, for a vendor's content, catalog: --basis {0} needs another kind of input."
    )]
    Basis(Basis),
    #[error("Rules use the scale rule-count/1: omit --scale, which is for layers only.")]
    ScaleOfRules,
    #[error(
        "A layer doesn't say what its scores mean: declare the scale with --scale rule-count/1, percent/1, dettect/1 or \
         partial-full/1."
    )]
    NoScale,
    #[error("This format's scores are on the scale {0}: omit --scale.")]
    ScaleOfTheFormat(Scale),
    #[error("Test outcomes and logs are validated or observed: --basis {0} needs another kind of input.")]
    BasisOfOutcomes(Basis),
    #[error(
        "The files contain both rules (deployed) and logs (observed), which need two snapshots: name one kind at a time."
    )]
    RulesAndScores,
    #[error(
        "Layers can't use the scale outcome/1: use rule-count/1, percent/1, dettect/1 or partial-full/1."
    )]
    ScaleOfLayers,
    #[error(
        "The scores don't say which technology they are about: name exactly one with --technology, and build one snapshot per technology."
    )]
    OneTechnology,
    #[error("More than {0} technologies: name those that matter with --technology.")]
    TooManyTechnologies(usize),
    #[error(
        "A library consists of rules alone, and the files have none or have scores too: name the folder of its rules."
    )]
    NotALibrary,
    #[error("{place}: a score {problem}")]
    Score { place: Place, problem: String },
    #[error(transparent)]
    Crosswalk(#[from] CrosswalkError),
}

impl BuildError {
    /// Returns true if the input is at fault, not the way the command was called.
    pub fn is_of_the_input(&self) -> bool {
        matches!(
            self,
            Self::Score { .. } | Self::TooManyTechnologies(_) | Self::RulesAndScores | Self::NotALibrary
        )
    }
}
