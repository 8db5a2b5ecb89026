//! A comparison in other forms than its own: the wire model in, bytes out. A form of a list is a file here and its line in
//! [`Representation`].

mod csv;
mod strip;
pub mod table;
pub mod text;

use std::{error::Error, fmt, str::FromStr};

use crate::wire::Comparison;

/// The form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Representation {
    Json,
    Csv,
}

/// Why a comparison can't be written. No value of it is repeated.
pub type WriteError = Box<dyn Error + Send + Sync>;

/// A form that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownRepresentation;

impl Representation {
    pub const ALL: [Self; 2] = [Self::Json, Self::Csv];

    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// The media type of an answer. What stands before its parameters is what `Accept` names.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// Whether the form has a place for the cursor of the next page.
    pub fn holds_next(self) -> bool {
        self == Self::Json
    }

    /// The bytes of a page.
    pub fn write(self, comparison: &Comparison) -> Result<Vec<u8>, WriteError> {
        match self {
            Self::Json => Ok(serde_json::to_vec(comparison)?),
            Self::Csv => Ok(csv::write(comparison)?),
        }
    }
}

impl FromStr for Representation {
    type Err = UnknownRepresentation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|form| form.name() == text).ok_or(UnknownRepresentation)
    }
}

impl fmt::Display for UnknownRepresentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be {}", Representation::ALL.map(Representation::name).join(" or "))
    }
}
