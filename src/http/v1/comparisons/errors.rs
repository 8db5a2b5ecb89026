//! The problems that failures of comparisons become.

use crate::{
    app::{compare::CompareError, entitlement::NotEntitled, read_comparison::ReadComparisonError},
    http::{
        failures::{chain, sentence},
        problem::{FieldError, Kind, Problem},
    },
};

impl From<ReadComparisonError> for Problem {
    fn from(error: ReadComparisonError) -> Self {
        let detail = sentence(&error);
        match error {
            ReadComparisonError::NotEntitled(NotEntitled::NotVerified) => {
                Self::new(Kind::NotVerified, detail)
            }
            ReadComparisonError::NotEntitled(NotEntitled::NothingContributed { .. }) => {
                Self::new(Kind::NothingContributed, detail)
            }
            ReadComparisonError::NotEntitled(NotEntitled::UnderReview) => {
                Self::new(Kind::UnderReview, detail)
            }
            ReadComparisonError::NotEntitled(NotEntitled::Store(error)) => error.into(),
            ReadComparisonError::NotPublished => Self::new(Kind::NotPublished, detail),
            ReadComparisonError::UnknownRelease => Self::absent("release"),
            ReadComparisonError::Compare(error) => error.into(),
            ReadComparisonError::Store(error) => error.into(),
            ReadComparisonError::Facts(_) | ReadComparisonError::Unreadable(_) => {
                Self::internal(chain(&error))
            }
        }
    }
}

impl From<CompareError> for Problem {
    fn from(error: CompareError) -> Self {
        let parameter = match &error {
            // A foreign cohort is absent, like everything that is somebody else's.
            CompareError::ForeignCohort => {
                return Self::new(Kind::NotFound, sentence(&error));
            }
            CompareError::NotBenchmarked(_) => "basis",
            CompareError::UnknownTechnology => "technology",
            CompareError::UnknownTactic { .. } => "tactic",
            CompareError::UnknownTechnique(_) | CompareError::Measure(_) | CompareError::NotCompared => {
                "measure"
            }
            CompareError::Range { .. } => "from",
            CompareError::Group(_) => "group",
            CompareError::Set(_) => "set",
            CompareError::UnknownGroups(_) => "groups",
            CompareError::NoTarget(_) | CompareError::TargetTooHigh => "target",
            CompareError::Changes(errors) => return Self::invalid(errors.iter().cloned()),
            CompareError::Misplaced(misplaced) => {
                let errors =
                    misplaced.iter().map(|one| FieldError::parameter(one.parameter.name(), one.to_string()));
                return Self::parameters(errors);
            }
            CompareError::ColumnOfMeasure => "column",
            CompareError::SinceLatest(_) => "since",
            CompareError::StaleCursor(_) => "cursor",
        };
        Self::parameter(parameter, error.to_string())
    }
}
