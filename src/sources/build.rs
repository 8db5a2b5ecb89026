//! Rules or scores -> snapshot, honestly counted, and a report of everything that was left out. Pure.

mod rules;
mod scores;
mod techniques;
mod technologies;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Place, Reading, crosswalk::CrosswalkError, report::Report};
use crate::domain::{
    attack::{AttackVersion, Catalogue, Catalogues, TechniqueId},
    calendar::Month,
    scale::Scale,
    snapshot::{AdapterVersion, Basis, Snapshot, Source},
    technology::{Registry, TechnologyRef},
};

pub(super) use techniques::Resolver;

/// Rules that name more techniques than this say nothing precise about any of them.
pub const MAX_TECHNIQUES: usize = 12;

/// The technologies of which the export shows every rule, so that silence means zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Complete {
    /// For rules all technologies of the snapshot but those with detections of their own; for layers none.
    #[default]
    Default,
    Nothing,
    These(Vec<String>),
}

/// What the user says about the export.
#[derive(Debug, Clone)]
pub struct Options {
    pub source: Source,
    /// 1..=99; a second system of the same product is a second feed.
    pub feed: u8,
    pub adapter: AdapterVersion,
    pub basis: Basis,
    pub period: Month,
    /// `None`: the newest version known.
    pub attack: Option<AttackVersion>,
    /// Empty: what the rules prove.
    pub technologies: Vec<String>,
    pub complete: Complete,
    /// `NAME=TECHNOLOGY`, in front of the product's table.
    pub mappings: Vec<String>,
    /// 0: no limit.
    pub max_techniques: usize,
    /// Needed for layers; rules are counted.
    pub scale: Option<Scale>,
}

/// What a build looks things up in.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub catalogues: &'a Catalogues,
    pub registry: &'a Registry,
}

/// A snapshot, its report, and where each cell comes from.
#[derive(Debug, Clone)]
pub struct Built {
    pub snapshot: Snapshot,
    pub report: Report,
    /// (technique, technology) -> positions in [`Reading::rules`] or [`Reading::scores`]. Stays local.
    pub origins: BTreeMap<(TechniqueId, String), Vec<usize>>,
}

/// What the user has to change.
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
    /// Whether the input is at fault, not the way the command was called.
    pub fn is_of_the_input(&self) -> bool {
        matches!(self, Self::Score { .. } | Self::TooManyTechnologies(_) | Self::RulesAndScores)
    }
}

/// The version that ids are mapped to.
pub fn target(catalogues: &Catalogues, asked: Option<AttackVersion>) -> Result<&Catalogue, BuildError> {
    let Some(version) = asked else {
        return catalogues.canonical().map(|newest| &**newest).ok_or(BuildError::NoCatalogue);
    };
    catalogues.get(version).map(|known| &**known).ok_or_else(|| {
        let known: Vec<String> = catalogues.versions().map(|version| version.to_string()).collect();
        BuildError::UnknownVersion(version, known.join(", "))
    })
}

/// Builds the snapshot of what was read.
pub fn build(reading: &Reading, options: &Options, context: Context<'_>) -> Result<Built, BuildError> {
    let catalogue = target(context.catalogues, options.attack)?;
    let resolver = Resolver::new(catalogue, context.catalogues);
    let mut declared = Vec::new();
    for id in &options.technologies {
        let known = context.registry.reference(id);
        declared.push(known.ok_or_else(|| BuildError::UnknownTechnology(id.clone()))?);
    }
    declared.sort_unstable();
    declared.dedup();
    // What has scores instead of rules is read by the scores' part; an empty export counts as rules.
    if !reading.rules.is_empty() && !reading.scores.is_empty() {
        Err(BuildError::RulesAndScores)
    } else if reading.rules.is_empty() && (options.source == Source::Navigator || reading.evidence.is_some())
    {
        scores::build(reading, options, context, &resolver, &declared)
    } else {
        rules::build(reading, options, context, &resolver, declared)
    }
}

/// The ids of the technologies that are complete, ascending.
fn complete(
    options: &Options,
    registry: &Registry,
    technologies: &[String],
    by_default: bool,
) -> Result<Vec<String>, BuildError> {
    let able = |id: &str| match registry.reference(id) {
        Some(TechnologyRef::Known(position)) => registry.get(position).is_some_and(|t| !t.native_detections),
        _ => false,
    };
    let mut complete = match &options.complete {
        Complete::Default if by_default => technologies.iter().filter(|id| able(id)).cloned().collect(),
        Complete::Default | Complete::Nothing => Vec::new(),
        Complete::These(ids) => {
            for id in ids {
                if !able(id) {
                    return Err(BuildError::CannotBeComplete(id.clone()));
                }
                if !technologies.contains(id) {
                    return Err(BuildError::CompleteNotDeclared(id.clone()));
                }
            }
            ids.clone()
        }
    };
    complete.sort_unstable();
    complete.dedup();
    Ok(complete)
}
