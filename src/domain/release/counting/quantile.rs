//! R14: Hyndman-Fan type 1 on the integer histogram, taken at a slightly random nearby rank that the data and the key
//! decide, never among the outermost ranks.

use crate::domain::release::{
    cohorts::index::{By, ValueIx, Values},
    rules::{code::Coded, hysteresis::keep},
};

/// Scores run from 0 to 100; counts of parent techniques stay below 255 and are clamped to this, which is coded far below
/// anyway.
const GREATEST: u8 = 100;
const BINS: usize = 101;

/// The values that occur in a cell's list, ascending: few, because a scale has few scores. They are numbered, so that
/// hundreds of cohorts can be counted close together.
#[derive(Debug)]
pub struct Occurring {
    values: By<Values, u8>,
    numbers: [Option<ValueIx>; BINS],
}

impl Occurring {
    pub fn new(list: impl Iterator<Item = u8>) -> Self {
        let mut occurs = [false; BINS];
        for value in list {
            if let Some(occurs) = occurs.get_mut(usize::from(value.min(GREATEST))) {
                *occurs = true;
            }
        }
        let mut this = Self { values: By::default(), numbers: [None; BINS] };
        for ((value, number), _) in (0..).zip(&mut this.numbers).zip(occurs).filter(|(_, occurs)| *occurs) {
            *number = this.values.push(value);
        }
        this
    }

    /// The values, ascending.
    pub fn values(&self) -> &By<Values, u8> {
        &self.values
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The number of a value that occurs.
    pub fn find(&self, value: u8) -> Option<ValueIx> {
        self.numbers.get(usize::from(value.min(GREATEST))).copied().flatten()
    }
}

/// Cumulative counts of the values among the organisations of one cell in one cohort, and what identifies
/// that list.
#[derive(Debug, Clone, Copy)]
pub struct Histogram<'h> {
    pub values: &'h Occurring,
    /// By number of the value, how many are that or less.
    pub up_to: &'h [u32],
    /// Sum mod 2^128 of the keyed pseudo-random value of each (organisation, value): the same list draws the same jitter
    /// wherever it appears. Needed only where [jitter matters](Self::is_settled).
    pub digest: u128,
}

/// The ranks that a quantile may be taken at.
#[derive(Debug, Clone, Copy)]
pub struct Ranks {
    /// The number of ranks that a quantile may move.
    pub jitter: u32,
    /// The number of ranks that are never used at either end.
    pub tail_min: u32,
}

impl Histogram<'_> {
    pub fn n(&self) -> u32 {
        self.up_to.last().copied().unwrap_or_default()
    }

    /// Says that what is shown of the percentiles' values is the same whatever jitter draws; then the list's digest is not
    /// needed.
    pub fn is_settled(&self, percentiles: &[u32], ranks: Ranks, same: impl Fn(u8, u8) -> bool) -> bool {
        ranks.jitter == 0
            || percentiles
                .iter()
                .all(|percentile| self.reach(*percentile, ranks).is_none_or(|(low, high)| same(low, high)))
    }

    /// R14: the quantiles of `percentiles` (ascending) as they are shown, sorted if jitter made them cross. Each is the one
    /// `before` if it may stay (R31), else the value at the rank that `draw` moves it by. Where all values that jitter may
    /// reach are shown as the same, nothing is drawn; sorting is not touched by that, because coding keeps the order.
    pub fn quantiles<const N: usize>(
        &self,
        percentiles: [u32; N],
        ranks: Ranks,
        draw: impl Fn(u32, u128) -> i64,
        code: impl Fn(u8) -> Coded,
        before: [Option<Coded>; N],
    ) -> Option<[Coded; N]> {
        let mut shown = [None; N];
        for ((shown, percentile), before) in shown.iter_mut().zip(percentiles).zip(before) {
            let (low, high) = self.reach(percentile, ranks)?;
            let within = self.within(percentile, ranks).map(&code);
            *shown = if code(low) == code(high) {
                Some(code(low))
            } else if let Some(kept) = keep(before, within) {
                Some(kept)
            } else {
                Some(code(self.at(percentile, draw(percentile, self.digest), ranks.tail_min)?))
            };
        }
        let mut values = [Coded { value: 0, end: None }; N];
        for (value, shown) in values.iter_mut().zip(shown) {
            *value = shown?;
        }
        values.sort_by_key(|coded| coded.value);
        Some(values)
    }

    /// The values at the ranks that jitter may move a percentile to.
    pub fn within(&self, percentile: u32, ranks: Ranks) -> impl Iterator<Item = u8> {
        let most = i64::from(ranks.jitter);
        (-most..=most).filter_map(move |moved| self.at(percentile, moved, ranks.tail_min))
    }

    /// The value at the p-th percentile's rank moved by `jitter`; `None` where there are fewer than twice `tail_min`
    /// organisations.
    fn at(&self, percentile: u32, jitter: i64, tail_min: u32) -> Option<u8> {
        let (n, tail_min) = (i64::from(self.n()), i64::from(tail_min.max(1)));
        if n < 2 * tail_min {
            return None;
        }
        let rank = ((i64::from(percentile) * n + 99) / 100).max(1) + jitter;
        let rank = rank.clamp(tail_min, n - tail_min + 1);
        let number = self.up_to.partition_point(|count| i64::from(*count) < rank);
        self.values.values.index_of(number).map(|value| self.values.values[value])
    }

    /// The least and the greatest value that jitter can reach.
    fn reach(&self, percentile: u32, Ranks { jitter, tail_min }: Ranks) -> Option<(u8, u8)> {
        let most = i64::from(jitter);
        let low = self.at(percentile, -most, tail_min)?;
        Some((low, if most == 0 { low } else { self.at(percentile, most, tail_min)? }))
    }
}

/// A list of its own, for tests.
#[cfg(test)]
struct Owned {
    values: Occurring,
    up_to: Vec<u32>,
    digest: u128,
}

#[cfg(test)]
impl Owned {
    fn new(list: &[u8]) -> Self {
        let values = Occurring::new(list.iter().copied());
        let up_to = values.values().indices().map(|at| {
            let is_within = |value: &&u8| values.find(**value).is_some_and(|number| number <= at);
            list.iter().filter(is_within).count()
        });
        Self { up_to: up_to.map(|count| u32::try_from(count).unwrap()).collect(), values, digest: 0 }
    }

    fn histogram(&self) -> Histogram<'_> {
        Histogram { values: &self.values, up_to: &self.up_to, digest: self.digest }
    }
}

/// Publishes a list without jitter, protected tail and coding: for comparing with the quantiles
/// of others.
#[cfg(test)]
pub(crate) fn plain(values: &[u8], percentiles: &[u32]) -> Vec<u8> {
    let list = Owned::new(values);
    percentiles.iter().map(|percentile| list.histogram().at(*percentile, 0, 1).unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::release::{
        Parameters, Preset, ReleaseKey, Unit, counting::fingerprint::Draws, rules::code::Coding,
    };

    const RANKS: Ranks = Ranks { jitter: 2, tail_min: 3 };

    fn coded(value: u8) -> Coded {
        Coded::new(value, Unit::Points, &Parameters::preset(Preset::Default))
    }

    fn raw(value: u8) -> Coded {
        Coded { value: Coding::raw().code(value), end: None }
    }

    fn shown(list: &Owned, key: &ReleaseKey, code: impl Fn(u8) -> Coded) -> Vec<Coded> {
        let draw = |percentile, digest| key.jitter(percentile, digest, Some(1), RANKS.jitter);
        list.histogram().quantiles([25, 50, 75], RANKS, draw, code, [None; 3]).unwrap().to_vec()
    }

    /// With the digest that the list has under a key.
    fn list(values: &[u8], key: &ReleaseKey) -> Owned {
        let mut list = Owned::new(values);
        let mut prints: Vec<(u64, u8, u128)> = (0..).zip(values).map(|(of, value)| (of, *value, 0)).collect();
        Draws::new(key).print(&mut prints, |(of, value, _)| (*of, *value), |one, print| one.2 = print);
        list.digest = prints.iter().fold(0, |digest, (_, _, print)| digest.wrapping_add(*print));
        list
    }

    /// The definition, on the raw values: the smallest value with at least p percent of the values at or below it.
    fn reference(values: &[u8], percentile: u32) -> u8 {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let percentile = usize::try_from(percentile).unwrap();
        let at_least = |v: &u8| sorted.iter().filter(|w| *w <= v).count() * 100 >= percentile * sorted.len();
        *sorted.iter().find(|v| at_least(v)).unwrap()
    }

    proptest! {
        #[test]
        fn without_jitter_it_is_type_1(values in proptest::collection::vec(0_u8..=100, 2..200), p in 1_u32..100) {
            prop_assert_eq!(plain(&values, &[p]), [reference(&values, p)]);
        }

        /// A14: whatever the two outermost values at either end are, the published values stay the same.
        #[test]
        fn extremes_do_not_show(values in proptest::collection::vec(0_u8..=100, 20..120)) {
            let key = ReleaseKey::new([9; 32]);
            let mut sorted = values;
            sorted.sort_unstable();
            let shown = |list: &Owned| shown(list, &key, raw);
            let before = list(&sorted, &key);
            let n = sorted.len();
            sorted[0] = 0;
            sorted[1] = 0;
            sorted[n - 1] = 100;
            sorted[n - 2] = 100;
            let moved = Owned { digest: before.digest, ..list(&sorted, &key) };
            prop_assert_eq!(shown(&moved), shown(&before));
        }

        /// R14 as it is written: every percentile draws, whether it matters or not.
        #[test]
        fn what_nothing_is_drawn_for_shows_the_same(
            values in proptest::collection::vec(prop_oneof![Just(0_u8), 0_u8..=100], 20..120),
            key in any::<[u8; 32]>(),
        ) {
            let key = ReleaseKey::new(key);
            let mut list = list(&values, &key);
            let of = list.histogram();
            let drawn = |p: u32| of.at(p, key.jitter(p, of.digest, Some(1), 2), RANKS.tail_min).unwrap();
            let mut expected = [25, 50, 75].map(drawn);
            expected.sort_unstable();
            let expected = expected.map(coded).to_vec();
            prop_assert_eq!(&shown(&list, &key, coded), &expected);
            if of.is_settled(&[25, 50, 75], RANKS, |a, b| coded(a) == coded(b)) {
                list.digest = 0;
                prop_assert_eq!(&shown(&list, &key, coded), &expected);
            }
        }

        #[test]
        fn quantiles_ascend(values in proptest::collection::vec(0_u8..=100, 20..300), key in any::<[u8; 32]>()) {
            let key = ReleaseKey::new(key);
            let shown = shown(&list(&values, &key), &key, raw);
            prop_assert!(shown.is_sorted_by_key(|coded| coded.value));
        }
    }

    /// The counter-test of A14: without protected tails the lowest value shows in a low quantile.
    #[test]
    fn without_tail_min_an_extreme_shows() {
        let at = |values: &[u8], tail_min| Owned::new(values).histogram().at(5, 0, tail_min);
        let (same, mut moved) = ([50; 20], [50; 20]);
        moved[0] = 0;
        assert_ne!(at(&moved, 1), at(&same, 1));
        assert_eq!(at(&moved, 3), at(&same, 3));
    }
}
