//! Coverage in words, from the published row alone.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::release::{Coded, Shown};

/// How many of the peers cover something, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// About three quarters or more: p25 is above the low end.
    Most,
    /// About half or more: p50 is above the low end.
    Half,
    /// About a quarter or more: p75 is above the low end.
    Quarter,
    /// Fewer.
    Few,
    /// Fewer than half; a group of 10 to 19 says no more than that.
    LessThanHalf,
}

/// A word that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown coverage: expected most, half, quarter, few or less_than_half")]
pub struct UnknownWord;

impl Word {
    pub const ALL: [Self; 5] = [Self::Most, Self::Half, Self::Quarter, Self::Few, Self::LessThanHalf];

    pub fn name(self) -> &'static str {
        match self {
            Self::Most => "most",
            Self::Half => "half",
            Self::Quarter => "quarter",
            Self::Few => "few",
            Self::LessThanHalf => "less_than_half",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Word {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|word| word.name() == text).ok_or(UnknownWord)
    }
}

/// What a published row says in one word.
pub fn word(shown: &Shown) -> Word {
    let above = |coded: Option<Coded>| coded.is_some_and(|coded| !coded.is_low());
    match shown {
        Shown::Few => Word::Few,
        Shown::Half(true) => Word::Half,
        Shown::Half(false) => Word::LessThanHalf,
        Shown::Quantiles(quantiles) if above(quantiles.p25) => Word::Most,
        Shown::Quantiles(quantiles) if above(Some(quantiles.p50)) => Word::Half,
        Shown::Quantiles(quantiles) if above(quantiles.p75) => Word::Quarter,
        Shown::Quantiles(quantiles) if quantiles.p75.is_none() => Word::LessThanHalf,
        Shown::Quantiles(_) => Word::Few,
    }
}
