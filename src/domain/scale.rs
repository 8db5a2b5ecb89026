//! Scales: how a snapshot's values become scores of 0..=100. Published and versioned; a scale never changes, a new
//! version gets a new name.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::named::named;

/// A coverage score, 0..=100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(try_from = "u8", into = "u8")]
pub struct Score(u8);

/// A number that is no score.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a score is an integer from 0 to 100")]
pub struct InvalidScore;

impl Score {
    pub const ZERO: Self = Self(0);

    pub fn new(value: u8) -> Option<Self> {
        (value <= 100).then_some(Self(value))
    }

    pub fn get(self) -> u8 {
        self.0
    }

    /// 100 * part / whole, rounded half up; `None` for an empty whole.
    pub fn share(part: u32, whole: u32) -> Option<Self> {
        let share = (200 * u64::from(part) + u64::from(whole)).checked_div(2 * u64::from(whole))?;
        u8::try_from(share).ok().and_then(Self::new)
    }

    /// The mean of `count` scores that add up to `sum`, rounded half up.
    pub fn mean(sum: u32, count: u32) -> Option<Self> {
        let mean = (2 * u64::from(sum) + u64::from(count)).checked_div(2 * u64::from(count))?;
        u8::try_from(mean).ok().and_then(Self::new)
    }

    pub fn level(self) -> Level {
        match self.0 {
            0 => Level::None,
            1..75 => Level::Partial,
            _ => Level::Full,
        }
    }
}

impl TryFrom<u8> for Score {
    type Error = InvalidScore;

    fn try_from(value: u8) -> Result<Self, Self::Error> {
        Self::new(value).ok_or(InvalidScore)
    }
}

impl From<Score> for u8 {
    fn from(score: Score) -> Self {
        score.0
    }
}

named! {
    /// The meaning of a score: none 0, partial 1 to 74, full 75 or more (under rule-count: four or more rules).
    pub enum Level("level") {
        None = "none",
        Partial = "partial",
        Full = "full",
    }
}

named! {
    /// The scale of a snapshot's values.
    pub enum Scale("scale") {
        /// Number of enabled rules, 0..=20 (a producer caps at 20).
        RuleCount = "rule-count/1",
        /// 0..=100 as given.
        Percent = "percent/1",
        /// DeTT&CT's detection score, -1..=5.
        Dettect = "dettect/1",
        /// Test or log outcomes: none, logged, alerted, blocked.
        Outcome = "outcome/1",
        /// none, partial, full.
        PartialFull = "partial-full/1",
    }
}

/// 100 * (1 - 2^(-n/2)), rounded; a table, so that it is the same integer everywhere.
const RULE_COUNT: [u8; 21] =
    [0, 29, 50, 65, 75, 82, 88, 91, 94, 96, 97, 98, 98, 99, 99, 99, 100, 100, 100, 100, 100];

impl Scale {
    /// The meaning of its values, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::RuleCount => "Enabled rules, capped at 20.",
            Self::Percent => "Percent covered, as estimated by the organisation.",
            Self::Dettect => "DeTT&CT's detection score.",
            Self::Outcome => "The outcome of a test, or what logs show.",
            Self::PartialFull => "Whether a technique is covered in part or in full.",
        }
    }

    /// The words that stand for 0, 1, 2, … where the scale has words instead of numbers.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Outcome => &["none", "logged", "alerted", "blocked"],
            Self::PartialFull => &["none", "partial", "full"],
            Self::RuleCount | Self::Percent | Self::Dettect => &[],
        }
    }

    /// The lowest and highest number a value may be.
    pub fn range(self) -> (i8, i8) {
        match self {
            Self::RuleCount => (0, 20),
            Self::Percent => (0, 100),
            Self::Dettect => (-1, 5),
            Self::Outcome => (0, 3),
            Self::PartialFull => (0, 2),
        }
    }

    /// The score of a value; `None` outside the scale's range.
    pub fn score(self, value: i8) -> Option<Score> {
        let (low, high) = self.range();
        if !(low..=high).contains(&value) {
            return None;
        }
        let step = u8::try_from(value.max(0)).ok()?;
        let score = match self {
            Self::RuleCount => *RULE_COUNT.get(usize::from(step))?,
            Self::Percent => step,
            Self::Dettect => step.checked_mul(20)?,
            Self::Outcome => *[0, 20, 60, 100].get(usize::from(step))?,
            Self::PartialFull => *[0, 50, 100].get(usize::from(step))?,
        };
        Score::new(score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_count_is_the_rounded_formula() {
        for (n, score) in (0u8..).zip(RULE_COUNT.iter()) {
            let exact = 100.0 * (1.0 - 2f64.powf(-f64::from(n) / 2.0));
            assert_eq!(f64::from(*score), exact.round(), "{n} rules");
        }
        assert_eq!(Scale::RuleCount.score(21), None);
    }

    #[test]
    fn shares_and_means_round_half_up() {
        assert_eq!(Score::share(1, 8).map(Score::get), Some(13));
        assert_eq!(Score::share(0, 0), None);
        assert_eq!(Score::mean(1, 2).map(Score::get), Some(1));
        assert_eq!(Score::mean(149, 100).map(Score::get), Some(1));
    }
}
