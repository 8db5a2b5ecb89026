//! A comparison in other forms than its own: the wire model in, bytes out. A form of a list is a file here and its line in
//! [`Representation`].

pub mod changes;
pub mod cohorts;
pub mod console;
mod csv;
pub mod drawing;
pub mod form;
mod html;
mod letters;
mod markdown;
mod navigator;
mod pages;
pub mod paint;
pub mod paths;
mod pdf;
mod poster;
pub mod published;
mod rows;
pub mod side;
pub mod story;
mod strip;
pub mod svg;
pub mod table;
pub mod text;
pub mod trend;
mod xlsx;

use std::error::Error;

use serde::Serialize;

pub use self::rows::Tabled;
use crate::domain::named::named;

named! {
    /// The form of a list.
    pub enum Representation("form") {
        Json = "json",
        Csv = "csv",
    }
}

/// The reason why a comparison can't be written. No value of it is repeated.
pub type WriteError = Box<dyn Error + Send + Sync>;

impl Representation {
    /// The media type of an answer. What stands before its parameters is what `Accept` names.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// The bytes of a list.
    pub fn write<T: Serialize + Tabled>(self, list: &T) -> Result<Vec<u8>, WriteError> {
        match self {
            Self::Json => Ok(serde_json::to_vec(list)?),
            Self::Csv => Ok(list.csv()?),
        }
    }
}
