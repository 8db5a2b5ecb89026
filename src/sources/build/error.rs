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
        "{0} is no technology of the registry, other.<family> or other.unknown: see `GET /v1/technologies`."
    )]
    UnknownTechnology(String),
    #[error("{0} cannot be complete: it is not among the snapshot's technologies.")]
    CompleteNotDeclared(String),
    #[error(
        "{0} cannot be complete: it is not of the registry, or it detects by itself with rules that no export shows."
    )]
    CannotBeComplete(String),
    #[error("ATT&CK {0} is not known here: known are {1}.")]
    UnknownVersion(AttackVersion, String),
    #[error("No ATT&CK version is known.")]
    NoCatalogue,
    #[error(
        "A rule export shows what is deployed or, for a vendor's content, the catalog: --basis {0} needs another input."
    )]
    Basis(Basis),
    #[error("Rules are counted on the scale rule-count/1: --scale is for layers only.")]
    ScaleOfRules,
    #[error(
        "A layer does not say what its scores mean: declare it with --scale rule-count/1, percent/1, dettect/1 or \
         partial-full/1."
    )]
    NoScale,
    #[error("These scores are on the scale {0}, as their format says: leave --scale out.")]
    ScaleOfTheFormat(Scale),
    #[error("Outcomes of tests and logs are validated or observed: --basis {0} needs another input.")]
    BasisOfOutcomes(Basis),
    #[error(
        "There are both rules and logs here: what is deployed and what was observed are two snapshots. Name one of \
         them."
    )]
    RulesAndScores,
    #[error("outcome/1 is not a scale of layers: use rule-count/1, percent/1, dettect/1 or partial-full/1.")]
    ScaleOfLayers,
    #[error(
        "A score here does not say which technology it is about, and it cannot be shared out among several: name exactly one with --technology, and build one snapshot for each."
    )]
    OneTechnology,
    #[error("More than {0} technologies: name those that matter with --technology.")]
    TooManyTechnologies(usize),
    #[error("{place}: a score {problem}")]
    Score { place: Place, problem: String },
    #[error(transparent)]
    Crosswalk(#[from] CrosswalkError),
}

impl BuildError {
    /// Returns true if the input is at fault, not the way the command was called.
    pub fn is_of_the_input(&self) -> bool {
        matches!(self, Self::Score { .. } | Self::TooManyTechnologies(_) | Self::RulesAndScores)
    }
}
