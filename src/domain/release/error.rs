//! The errors of a release. Each means that nothing is published (R26).

use thiserror::Error;

use super::{cohorts::lattice::TooManyCohorts, values::roll_up::RollUpError};

/// The reason why nothing is published.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReleaseError {
    #[error(
        "the cohort `all` cannot be published yet: it needs at least {needed} independent control groups"
    )]
    TooFewContributors { needed: u32 },
    #[error(
        "the lists behind the numbers of release {number} can't be read, so the numbers that may change can't be \
         determined; nothing is published"
    )]
    NoBaseline { number: u32 },
    #[error(
        "release {number} was published by a later version of peerbench: this version doesn't know {what}; run that \
         version or a newer one to publish the next release"
    )]
    LaterVersion { number: u32, what: String },
    #[error(
        "the lists that the numbers of this release stand on could not be kept, so that no release could follow it; \
         nothing is published"
    )]
    NotKept,
    #[error(
        "the contributions do not fit the list of contributors: one of these is there twice, or a value belongs to none of \
         them; nothing is published"
    )]
    Inconsistent,
    #[error("the community has more members, or more combinations of cohorts, than a release can number")]
    TooLarge,
    #[error(transparent)]
    TooManyCohorts(#[from] TooManyCohorts),
    #[error(transparent)]
    NotRolledUp(#[from] RollUpError),
}
