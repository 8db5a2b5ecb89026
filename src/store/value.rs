//! Between the domain's values and the columns that hold them.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;

/// Whole microseconds: PostgreSQL keeps no finer ones, and both databases must compare alike.
pub(super) fn moment(value: DateTime<Utc>) -> NaiveDateTime {
    value.naive_utc().trunc_subsecs(6)
}

pub(super) fn utc(value: NaiveDateTime) -> DateTime<Utc> {
    value.and_utc()
}

pub(super) fn unreadable(what: &'static str, reason: impl ToString) -> StoreError {
    StoreError::Unreadable { what, reason: reason.to_string() }
}

pub(super) fn parsed<T: FromStr<Err: ToString>>(what: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error: T::Err| unreadable(what, error))
}

pub(super) fn number<F, T: TryFrom<F>>(what: &'static str, value: F) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| unreadable(what, "a number is out of range"))
}

pub(super) fn to_json(what: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unreadable(what, error))
}

pub(super) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    // The error's place is kept, the text that is wrong is not.
    serde_json::from_str(text)
        .map_err(|error| unreadable(what, format!("line {}, column {}", error.line(), error.column())))
}
