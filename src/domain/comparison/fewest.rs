//! The fewest changes that reach a target.

use std::{fmt, str::FromStr};

use thiserror::Error;

use super::what_if::rules_of;
use crate::domain::{
    named::as_text,
    scale::{Scale, Score},
};

/// The value that a measure is to reach.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    P50,
    P75,
    Number(u16),
}

/// A text that is no target.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a target: expected `p50`, `p75` or a number")]
pub struct InvalidTarget;

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "p50" => Ok(Self::P50),
            "p75" => Ok(Self::P75),
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                number.parse().map(Self::Number).map_err(|_| InvalidTarget)
            }
            _ => Err(InvalidTarget),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P50 => f.write_str("p50"),
            Self::P75 => f.write_str("p75"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

as_text!(Target);

/// Counts the parent techniques that have to be covered besides those that are, so that `covered` of `of` become at least
/// `target` percent.
pub fn needed(target: u8, covered: u32, of: u32) -> u32 {
    (u32::from(target) * of).div_ceil(100).saturating_sub(covered)
}

/// Counts the rules that bring one cell from its score to at least `target`; `None` beyond the end of the scale. A cell on
/// another scale than rule counts starts without rules.
pub fn rules_needed(score: Score, scale: Scale, target: u8) -> Option<u8> {
    if score.get() >= target {
        return Some(0);
    }
    let before = if scale == Scale::RuleCount { rules_of(score) } else { 0 };
    let after = rules_of(Score::new(target)?);
    Some(after.saturating_sub(before))
}

/// Chooses the best of the candidates: the feasible ones, each with its priority, highest first, ties by order. Returns
/// their positions, at most `number`.
pub fn choose(candidates: &[(bool, u8)], number: u32) -> Vec<usize> {
    let mut feasible: Vec<(usize, u8)> = candidates
        .iter()
        .enumerate()
        .filter(|(_, (feasible, _))| *feasible)
        .map(|(position, (_, priority))| (position, *priority))
        .collect();
    feasible.sort_by_key(|(position, priority)| (std::cmp::Reverse(*priority), *position));
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    feasible.into_iter().take(number).map(|(position, _)| position).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rules_go_up_the_scale() {
        let score = |value| Score::new(value).unwrap();
        let rules = |from, target| rules_needed(score(from), Scale::RuleCount, target);
        assert_eq!(
            [rules(0, 50), rules(29, 50), rules(50, 50), rules(0, 45)],
            [Some(2), Some(1), Some(0), Some(2)]
        );
        assert_eq!((rules(0, 100), rules(75, 101)), (Some(16), None));
        assert_eq!(rules_needed(score(40), Scale::Percent, 50), Some(2), "another scale starts anew");
    }

    #[test]
    fn feasible_candidates_come_by_priority() {
        let candidates = [(true, 5), (false, 90), (true, 20), (true, 5)];
        assert_eq!(choose(&candidates, 3), [2, 0, 3]);
        assert_eq!(choose(&candidates, 1), [2]);
        assert_eq!(choose(&candidates, 9), [2, 0, 3]);
    }

    proptest! {
        /// The needed number reaches the target, and one fewer doesn't.
        #[test]
        fn the_number_is_the_fewest(target in 0_u8..=100, of in 1_u32..300, covered in 0_u32..300) {
            let covered = covered.min(of);
            let needed = needed(target, covered, of);
            prop_assert!(covered + needed <= of);
            prop_assert!((covered + needed) * 100 >= u32::from(target) * of);
            prop_assert!(needed == 0 || (covered + needed - 1) * 100 < u32::from(target) * of);
        }
    }
}
