//! Coverage in words, from the published row alone.

use crate::domain::{
    named::named,
    release::{Coded, Shown},
};

named! {
    /// The coverage among the peers: at least this part of them.
    pub enum Word("coverage") {
        /// About three quarters or more: p25 is above the low end.
        Most = "most",
        /// About half or more: p50 is above the low end.
        Half = "half",
        /// About a quarter or more: p75 is above the low end.
        Quarter = "quarter",
        /// Fewer.
        Few = "few",
        /// Fewer than half; a group of 10 to 19 says no more than that.
        LessThanHalf = "less_than_half",
    }
}

/// Sums a published row up in one word.
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
