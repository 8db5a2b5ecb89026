//! Columns: what a number is about. One technology, one family, or `any` of what an organisation has.

use std::{fmt, str::FromStr};

use thiserror::Error;

use super::{named::as_text, technology::Family};

/// A column of the comparison, written `any`, `endpoint` or `microsoft.windows`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Any,
    Family(Family),
    /// The id of a technology of the registry.
    Technology(String),
}

/// A text that is no column.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "not a column: expected `any`, a family such as `endpoint`, or a technology such as `microsoft.windows`"
)]
pub struct InvalidColumn;

impl Column {
    pub fn name(&self) -> &str {
        match self {
            Self::Any => "any",
            Self::Family(family) => family.name(),
            Self::Technology(id) => id,
        }
    }
}

impl FromStr for Column {
    type Err = InvalidColumn;

    /// Parses a column. The registry says whether a technology exists.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "any" {
            return Ok(Self::Any);
        }
        if text.contains('.') {
            return Ok(Self::Technology(text.to_owned()));
        }
        text.parse().map(Self::Family).map_err(|_| InvalidColumn)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

as_text!(Column);
