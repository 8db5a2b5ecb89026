//! R14: Hyndman-Fan type 1 on the integer histogram, taken at a slightly random nearby rank that the data and the key
//! decide, never among the outermost ranks.

use super::{Parameters, ReleaseKey};

/// Scores run from 0 to 100; counts of parent techniques stay below 255 and are clamped into the last bin, which is
/// coded far below anyway.
pub(super) const BINS: usize = 101;

/// How often each value occurs among the organisations of one cell in one cohort, and what identifies that list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Histogram {
    bins: [u32; BINS],
    n: u32,
    /// Sum mod 2^128 of the keyed pseudo-random value of each (organisation, value): it adds up the lattice, and the
    /// same list draws the same jitter wherever it appears.
    digest: u128,
}

impl Histogram {
    pub const EMPTY: Self = Self { bins: [0; BINS], n: 0, digest: 0 };

    pub fn add(&mut self, value: u8) {
        if let Some(bin) = self.bins.get_mut(usize::from(value).min(BINS - 1)) {
            *bin += 1;
            self.n += 1;
        }
    }

    /// Only lists that jitter can move need their digest.
    pub fn identify(&mut self, fingerprint: u128) {
        self.digest = self.digest.wrapping_add(fingerprint);
    }

    /// Adds another list's counts; associative and commutative.
    #[cfg(test)]
    pub fn merge(&mut self, other: &Self) {
        self.bins.iter_mut().zip(other.bins).for_each(|(bin, more)| *bin += more);
        self.n += other.n;
        self.digest = self.digest.wrapping_add(other.digest);
    }

    pub fn n(&self) -> u32 {
        self.n
    }

    /// How many values there are up to each.
    fn cumulative(&self) -> Cumulative {
        let mut counts = self.bins;
        let mut total = 0;
        for count in &mut counts {
            total += *count;
            *count = total;
        }
        Cumulative { counts, n: self.n }
    }

    /// Whether what is shown of the percentiles' values is the same whatever jitter draws; then the list's digest is not
    /// needed.
    pub fn is_settled(
        &self,
        percentiles: &[u32],
        parameters: &Parameters,
        same: impl Fn(u8, u8) -> bool,
    ) -> bool {
        let most = i64::from(parameters.jitter(self.n));
        let cumulative = self.cumulative();
        most == 0
            || percentiles.iter().all(|percentile| {
                cumulative
                    .reach(*percentile, most, parameters.tail_min)
                    .is_none_or(|(low, high)| same(low, high))
            })
    }

    /// The quantiles of `percentiles` (ascending) as R14 says, sorted if jitter made them cross. Where all values that
    /// jitter may reach are the `same` when they are shown, nothing is drawn; sorting is not touched by that, because
    /// coding keeps the order.
    pub fn quantiles(
        &self,
        percentiles: &[u32],
        parameters: &Parameters,
        key: &ReleaseKey,
        same: impl Fn(u8, u8) -> bool,
    ) -> Option<Vec<u8>> {
        let most = parameters.jitter(self.n);
        let cumulative = self.cumulative();
        let value = |percentile: &u32| {
            let (low, high) = cumulative.reach(*percentile, most.into(), parameters.tail_min)?;
            if same(low, high) {
                return Some(low);
            }
            cumulative.at(*percentile, key.jitter(*percentile, self.digest, most), parameters.tail_min)
        };
        let mut values = percentiles.iter().map(value).collect::<Option<Vec<u8>>>()?;
        values.sort_unstable();
        Some(values)
    }
}

/// A histogram, added up from below.
struct Cumulative {
    counts: [u32; BINS],
    n: u32,
}

impl Cumulative {
    /// The value at the p-th percentile's rank moved by `jitter`; `None` where there are fewer than twice `tail_min`
    /// organisations.
    fn at(&self, percentile: u32, jitter: i64, tail_min: u32) -> Option<u8> {
        let (n, tail_min) = (i64::from(self.n), i64::from(tail_min.max(1)));
        if n < 2 * tail_min {
            return None;
        }
        let rank = ((i64::from(percentile) * n + 99) / 100).max(1) + jitter;
        let rank = rank.clamp(tail_min, n - tail_min + 1);
        let value = self.counts.partition_point(|count| i64::from(*count) < rank);
        u8::try_from(value).ok().filter(|value| usize::from(*value) < BINS)
    }

    /// The least and the greatest value that jitter can reach.
    fn reach(&self, percentile: u32, most: i64, tail_min: u32) -> Option<(u8, u8)> {
        self.at(percentile, -most, tail_min).zip(self.at(percentile, most, tail_min))
    }
}

/// What is published of a list where there is no jitter, no protected tail and no coding: for comparing with the quantiles
/// of others.
#[cfg(test)]
pub(crate) fn plain(values: &[u8], percentiles: &[u32]) -> Vec<u8> {
    let mut histogram = Histogram::EMPTY;
    values.iter().for_each(|value| histogram.add(*value));
    percentiles.iter().map(|percentile| histogram.cumulative().at(*percentile, 0, 1).unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::release::Preset;

    fn histogram(values: &[u8]) -> Histogram {
        let key = ReleaseKey::new([7; 32]);
        let mut histogram = Histogram::EMPTY;
        for (position, value) in values.iter().enumerate() {
            histogram.add(*value);
            histogram.identify(key.member(&position.to_string()).fingerprint(*value));
        }
        histogram
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
            prop_assert_eq!(histogram(&values).cumulative().at(p, 0, 1), Some(reference(&values, p)));
        }

        #[test]
        fn merging_is_associative_and_commutative(
            a in proptest::collection::vec(0_u8..=100, 0..50),
            b in proptest::collection::vec(0_u8..=100, 0..50),
            c in proptest::collection::vec(0_u8..=100, 0..50),
        ) {
            let (a, b, c) = (histogram(&a), histogram(&b), histogram(&c));
            let merged = |parts: &[&Histogram]| {
                parts.iter().fold(Histogram::EMPTY, |mut sum, part| { sum.merge(part); sum })
            };
            prop_assert_eq!(merged(&[&merged(&[&a, &b]), &c]), merged(&[&a, &merged(&[&b, &c])]));
            prop_assert_eq!(merged(&[&a, &b]), merged(&[&b, &a]));
        }

        /// A14: whatever the two outermost values at either end are, the published values stay the same.
        #[test]
        fn extremes_do_not_show(values in proptest::collection::vec(0_u8..=100, 20..120)) {
            let parameters = Parameters::preset(Preset::Default);
            let key = ReleaseKey::new([9; 32]);
            let mut sorted = values;
            sorted.sort_unstable();
            let published = histogram(&sorted).quantiles(&[25, 50, 75], &parameters, &key, |a, b| a == b);
            let n = sorted.len();
            let digest = histogram(&sorted).digest;
            sorted[0] = 0;
            sorted[1] = 0;
            sorted[n - 1] = 100;
            sorted[n - 2] = 100;
            let mut moved = histogram(&sorted);
            moved.digest = digest;
            prop_assert_eq!(moved.quantiles(&[25, 50, 75], &parameters, &key, |a, b| a == b), published);
        }

        /// R14 as it is written: every percentile draws, whether it matters or not.
        #[test]
        fn what_nothing_is_drawn_for_shows_the_same(
            values in proptest::collection::vec(prop_oneof![Just(0_u8), 0_u8..=100], 20..120),
            key in any::<[u8; 32]>(),
        ) {
            let (parameters, key) = (Parameters::preset(Preset::Default), ReleaseKey::new(key));
            let coded = |value| crate::domain::release::Coded::new(value, crate::domain::release::Unit::Points, &parameters);
            let mut list = Histogram::EMPTY;
            for (position, value) in values.iter().enumerate() {
                list.add(*value);
                list.identify(key.member(&position.to_string()).fingerprint(*value));
            }
            let most = parameters.jitter(list.n());
            let drawn = |p: u32| list.cumulative().at(p, key.jitter(p, list.digest, most), parameters.tail_min).unwrap();
            let mut expected = [25, 50, 75].map(drawn);
            expected.sort_unstable();
            let same = |a, b| coded(a) == coded(b);
            let shown = |histogram: &Histogram| -> Vec<_> {
                histogram.quantiles(&[25, 50, 75], &parameters, &key, same).unwrap().into_iter().map(coded).collect()
            };
            prop_assert_eq!(shown(&list), expected.map(coded).to_vec());
            if list.is_settled(&[25, 50, 75], &parameters, same) {
                list.digest = 0;
                prop_assert_eq!(shown(&list), expected.map(coded).to_vec());
            }
        }

        #[test]
        fn quantiles_ascend(values in proptest::collection::vec(0_u8..=100, 20..300), key in any::<[u8; 32]>()) {
            let parameters = Parameters::preset(Preset::Default);
            let q = histogram(&values).quantiles(&[25, 50, 75], &parameters, &ReleaseKey::new(key), |a, b| a == b).unwrap();
            prop_assert!(q.is_sorted());
        }
    }

    /// The counter-test of A14: without protected tails the lowest value shows in a low quantile.
    #[test]
    fn without_tail_min_an_extreme_shows() {
        let mut values = vec![50; 20];
        let before = histogram(&values).cumulative().at(5, 0, 1);
        values[0] = 0;
        assert_ne!(histogram(&values).cumulative().at(5, 0, 1), before);
        values[0] = 50;
        let protected = histogram(&values).cumulative().at(5, 0, 3);
        values[0] = 0;
        assert_eq!(histogram(&values).cumulative().at(5, 0, 3), protected);
    }
}
