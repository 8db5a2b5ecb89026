//! A path as a whole: where a rule would show it, the longest stretch without one, and the steps that the peers cover. No
//! probability is invented, and the words of several steps are never multiplied.

use crate::domain::comparison::Word;

/// One step as it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// The own score; `None` if it isn't known.
    pub own: Option<u8>,
    /// The peers' word; `None` if it isn't released.
    pub peers: Option<Word>,
}

/// Consecutive steps, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: u32,
    pub to: u32,
    /// Number of its steps whose score isn't known.
    pub unknown: u32,
}

impl Stretch {
    /// Number of its steps.
    pub fn steps(self) -> u32 {
        self.to - self.from + 1
    }
}

/// A path as a whole. Steps are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Along {
    pub steps: u32,
    /// Steps with a rule: with a score above 0.
    pub with_rule: Vec<u32>,
    /// Steps whose score isn't known. They have no known rule.
    pub unknown: Vec<u32>,
    /// Longest stretch without a known rule, the first of equally long ones. `None` without order, or if every step has one.
    pub longest_without: Option<Stretch>,
    /// First step with a rule. `None` without order.
    pub first_with_rule: Option<u32>,
    /// Step with the lowest known score; of several, the one that more peers cover, then the first.
    pub weakest: Option<u32>,
    /// Steps that about three quarters of the peers cover, or more.
    pub most: Vec<u32>,
    /// Steps that about half of the peers cover, or more.
    pub half: Vec<u32>,
    /// Steps that about a quarter of the peers cover, or more.
    pub quarter: Vec<u32>,
}

/// Sums the steps of a path up.
pub fn along(steps: &[Seen], ordered: bool) -> Along {
    let numbered = || (1_u32..).zip(steps);
    let of = |test: &dyn Fn(&Seen) -> bool| -> Vec<u32> {
        numbered().filter(|(_, seen)| test(seen)).map(|(number, _)| number).collect()
    };
    let has_rule = |seen: &Seen| seen.own.is_some_and(|score| score > 0);
    let at_least = |least: Word| of(&|seen| seen.peers.is_some_and(|word| rank(word) >= rank(least)));
    let with_rule = of(&has_rule);
    let weakest = numbered().filter_map(|(number, seen)| {
        Some((seen.own?, std::cmp::Reverse(seen.peers.map_or(0, rank)), number))
    });
    Along {
        steps: u32::try_from(steps.len()).unwrap_or(u32::MAX),
        unknown: of(&|seen| seen.own.is_none()),
        longest_without: if ordered { longest(steps, has_rule) } else { None },
        first_with_rule: with_rule.first().copied().filter(|_| ordered),
        weakest: weakest.min().map(|(_, _, number)| number),
        most: at_least(Word::Most),
        half: at_least(Word::Half),
        quarter: at_least(Word::Quarter),
        with_rule,
    }
}

fn longest(steps: &[Seen], has_rule: impl Fn(&Seen) -> bool) -> Option<Stretch> {
    let mut longest: Option<Stretch> = None;
    let mut current: Option<Stretch> = None;
    for (number, seen) in (1_u32..).zip(steps) {
        if has_rule(seen) {
            current = None;
            continue;
        }
        let stretch = current.get_or_insert(Stretch { from: number, to: number, unknown: 0 });
        stretch.to = number;
        stretch.unknown += u32::from(seen.own.is_none());
        if longest.is_none_or(|known| stretch.steps() > known.steps()) {
            longest = Some(*stretch);
        }
    }
    longest
}

/// The order of words by the share of peers that they stand for.
pub(super) fn rank(word: Word) -> u8 {
    match word {
        Word::Few | Word::LessThanHalf => 1,
        Word::Quarter => 2,
        Word::Half => 3,
        Word::Most => 4,
    }
}

/// The word of a step that any of several techniques shows: that of the technique that most peers cover. More peers may see
/// the step; fewer can't.
pub fn any_of(words: impl Iterator<Item = Word>) -> Option<Word> {
    words.max_by_key(|word| rank(*word))
}

/// The word of a step that an attacker takes in one of several ways: that of the way that the fewest peers cover. A way
/// whose word isn't released leaves the step without one.
pub fn all_of(words: impl Iterator<Item = Option<Word>>) -> Option<Word> {
    let words: Option<Vec<Word>> = words.collect();
    words?.into_iter().min_by_key(|word| rank(*word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(own: Option<u8>, peers: Option<Word>) -> Seen {
        Seen { own, peers }
    }

    #[test]
    fn a_path_is_summed_up() {
        let steps = [
            seen(Some(0), Some(Word::Most)),
            seen(None, None),
            seen(Some(50), Some(Word::Half)),
            seen(Some(0), Some(Word::Few)),
            seen(Some(29), Some(Word::Quarter)),
        ];
        let path = along(&steps, true);
        assert_eq!((path.steps, path.with_rule.as_slice()), (5, [3, 5].as_slice()));
        assert_eq!(path.unknown, [2]);
        assert_eq!(path.longest_without, Some(Stretch { from: 1, to: 2, unknown: 1 }));
        assert_eq!(path.first_with_rule, Some(3));
        assert_eq!(path.weakest, Some(1), "of two at 0, the one that most peers cover");
        assert_eq!((path.most, path.half, path.quarter), (vec![1], vec![1, 3], vec![1, 3, 5]));
        let set = along(&steps, false);
        assert_eq!((set.longest_without, set.first_with_rule), (None, None));
        assert_eq!(set.with_rule, [3, 5]);
    }

    #[test]
    fn nothing_known_is_not_nothing_covered() {
        let path = along(&[Seen::default(), Seen::default()], true);
        assert_eq!((path.weakest, path.first_with_rule), (None, None));
        assert_eq!(path.longest_without, Some(Stretch { from: 1, to: 2, unknown: 2 }));
        assert_eq!(along(&[seen(Some(1), None)], true).longest_without, None);
    }

    #[test]
    fn words_are_bounds() {
        assert_eq!(any_of([Word::Few, Word::Half, Word::Quarter].into_iter()), Some(Word::Half));
        assert_eq!(any_of(std::iter::empty()), None);
        assert_eq!(all_of([Some(Word::Most), Some(Word::Quarter)].into_iter()), Some(Word::Quarter));
        assert_eq!(all_of([Some(Word::Most), None].into_iter()), None);
    }

    proptest! {
        #[test]
        fn every_step_is_in_one_place(owns in proptest::collection::vec(proptest::option::of(0_u8..3), 1..30)) {
            let steps: Vec<Seen> = owns.iter().map(|own| seen(*own, None)).collect();
            let path = along(&steps, true);
            let without = owns.iter().filter(|own| **own == Some(0)).count();
            prop_assert_eq!(path.with_rule.len() + path.unknown.len() + without, owns.len());
            let at = |number: u32| usize::try_from(number).unwrap();
            if let Some(stretch) = path.longest_without {
                let inside = owns.get(at(stretch.from) - 1..at(stretch.to)).unwrap();
                prop_assert!(inside.iter().all(|own| own.unwrap_or(0) == 0));
                prop_assert_eq!(inside.iter().filter(|own| own.is_none()).count(), at(stretch.unknown));
            } else {
                prop_assert_eq!(path.with_rule.len(), owns.len());
            }
            if let Some(weakest) = path.weakest {
                prop_assert_eq!(owns[at(weakest) - 1], owns.iter().flatten().min().copied());
            }
        }
    }
}
