//! Reads paths: named ones, those of a list or a threat group, and those that a caller brings.

use thiserror::Error;

use super::{
    App, Member,
    compare::{
        CompareError, Envelope,
        along::{PathAnswer, path},
        envelope_of,
        measured::look,
    },
    read_comparison::{Ground, ReadComparisonError, ground},
};
use crate::domain::{
    attack::group_names::{GroupNameError, named},
    cohort::Cohort,
    facts::Facts,
    path::{Draft, ListError, NothingToCompare, Path, named_paths, of_group, parse, read},
    snapshot::Basis,
};

/// The paths that a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paths {
    /// All named ones.
    All,
    /// One named path.
    Named(String),
    /// A list of steps.
    Steps(String),
    /// Threat groups by id, name or alias, with commas.
    Groups(String),
    /// A path that the caller brings. Nothing of it is kept.
    Own(Box<Draft>),
}

/// The question that paths answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathsQuery {
    pub paths: Paths,
    pub cohort: Cohort,
    pub basis: Basis,
    /// The latest where `None`.
    pub release: Option<u32>,
}

/// Paths with what the reader and its peers see of them.
#[derive(Debug, Clone)]
pub struct PathsAnswer {
    pub envelope: Envelope,
    pub items: Vec<PathAnswer>,
}

/// The reason why there is no path to compare.
#[derive(Debug, Error)]
pub enum ReadPathsError {
    #[error(transparent)]
    Comparison(#[from] ReadComparisonError),
    #[error("unknown path: the named paths are {}", names())]
    UnknownPath,
    #[error(transparent)]
    Steps(#[from] ListError),
    #[error(transparent)]
    Group(#[from] GroupNameError),
    #[error(transparent)]
    Nothing(#[from] NothingToCompare),
}

fn names() -> String {
    named_paths().iter().map(|path| path.id.as_str()).collect::<Vec<_>>().join(", ")
}

impl From<CompareError> for ReadPathsError {
    fn from(error: CompareError) -> Self {
        Self::Comparison(error.into())
    }
}

pub fn read_paths(app: &App, member: &Member, query: &PathsQuery) -> Result<PathsAnswer, ReadPathsError> {
    let Ground { organisation, published, own } = &ground(app, member, query.basis, query.release)?;
    let reader =
        super::compare::Reader { profile: &organisation.profile, own: &own.coverage, feeds: &own.feeds };
    let view = look(published, &reader, query.basis, &query.cohort)?;
    let paths = asked(&query.paths, &published.facts)?;
    let items = paths.into_iter().map(|one| path(&view, one)).collect();
    Ok(PathsAnswer { envelope: envelope_of(published, &reader, query.basis, &query.cohort), items })
}

fn asked(paths: &Paths, facts: &Facts) -> Result<Vec<Path>, ReadPathsError> {
    let drafts: Vec<Draft> = match paths {
        Paths::All => named_paths().iter().map(|path| path.draft()).collect(),
        Paths::Named(id) => {
            let found = named_paths().iter().find(|path| path.id == *id);
            vec![found.ok_or(ReadPathsError::UnknownPath)?.draft()]
        }
        Paths::Steps(text) => vec![parse(text, facts)?],
        Paths::Groups(said) => {
            let ids = crate::domain::attack::group_names::all_named(facts.catalogue(), said)?;
            let groups = ids.iter().map(|id| named(facts.catalogue(), &id.to_string()));
            groups.map(|group| group.map(|group| of_group(group, facts))).collect::<Result<_, _>>()?
        }
        Paths::Own(draft) => vec![draft.as_ref().clone()],
    };
    Ok(drafts.into_iter().map(|draft| read(draft, facts)).collect::<Result<_, _>>()?)
}
