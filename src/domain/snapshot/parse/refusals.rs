//! The errors of a snapshot, as many as an answer may hold.

use std::fmt::{self, Display};

use super::{
    grammar::MAX_ERRORS,
    read::{Object, Said},
};
use crate::domain::json_pointer;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901 pointer into the snapshot; empty for the whole document.
    pub pointer: String,
    /// The fault, and what is expected.
    pub detail: String,
}

/// Errors in the order in which they were found.
#[derive(Default)]
pub struct Refusals {
    errors: Vec<FieldError>,
    /// Says that there are more of them.
    are_too_many: bool,
}

/// The pointer of an object of the snapshot.
#[derive(Clone, Copy)]
pub enum Place {
    Whole,
    Member(&'static str),
    Cell(usize),
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Member(name) => write!(f, "/{name}"),
            Self::Cell(position) => write!(f, "/cells/{position}"),
        }
    }
}

impl Refusals {
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Notes an error. Its texts are made only if there is still a place for them.
    pub fn refuse<T>(&mut self, pointer: impl Display, detail: impl Display) -> Option<T> {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(FieldError { pointer: pointer.to_string(), detail: detail.to_string() });
        } else {
            self.are_too_many = true;
        }
        None
    }

    /// Adds the errors of a later part.
    pub fn append(&mut self, later: Self) {
        for error in later.errors {
            self.refuse::<()>(error.pointer, error.detail);
        }
        self.are_too_many |= later.are_too_many;
    }

    /// Returns whether an answer has no place for all of them.
    pub fn are_too_many(&self) -> bool {
        self.are_too_many
    }

    /// The refusal of an object with more unknown members than an answer could name.
    pub fn of_too_many_members() -> Self {
        let mut refusals = Self::default();
        refusals
            .refuse::<()>(Place::Whole, format_args!("an object has more than {MAX_ERRORS} unknown fields"));
        refusals
    }

    /// All errors; the last one says if some are left out.
    pub fn into_errors(mut self) -> Vec<FieldError> {
        if self.are_too_many {
            let detail =
                format!("there are more than {MAX_ERRORS} errors; the rest of the snapshot was not checked");
            self.errors.push(FieldError { pointer: String::new(), detail });
        }
        self.errors
    }

    /// Refuses unknown members one by one, then required ones that aren't there.
    pub fn members(&mut self, object: &Object<'_>, at: Place) {
        for name in &object.unknown {
            let detail = format_args!("unknown field: only {} are allowed", object.allowed());
            self.refuse::<()>(format_args!("{at}{}", json_pointer::member(name)), detail);
        }
        if let Some(name) = object.twice {
            self.refuse::<()>(format_args!("{at}/{name}"), "is there twice");
        }
        for name in object.missing() {
            self.refuse::<()>(format_args!("{at}/{name}"), "required field is missing");
        }
    }

    /// A text that `parse` understands; a missing member has been refused already.
    pub fn text<T, E: Display>(
        &mut self,
        object: &Object<'_>,
        at: Place,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.text_of(object.get(name), at, name, parse)
    }

    /// As [`Self::text`], of a value that was looked up.
    pub fn text_of<T, E: Display>(
        &mut self,
        said: Option<&Said<'_>>,
        at: Place,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match said? {
            Said::Text(text) => match parse(text) {
                Ok(value) => Some(value),
                Err(error) => self.refuse(format_args!("{at}/{name}"), error),
            },
            _ => self.refuse(format_args!("{at}/{name}"), "must be a string"),
        }
    }

    pub fn integer(
        &mut self,
        object: &Object<'_>,
        at: Place,
        name: &str,
        low: u16,
        high: u16,
    ) -> Option<u16> {
        let number = match object.get(name)? {
            Said::Integer(number) => {
                u16::try_from(*number).ok().filter(|number| (low..=high).contains(number))
            }
            _ => None,
        };
        number.or_else(|| {
            self.refuse(format_args!("{at}/{name}"), format_args!("must be an integer from {low} to {high}"))
        })
    }
}
