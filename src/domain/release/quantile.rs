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

    /// Only lists that are moved by jitter need their digest.
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

    /// The value at the p-th percentile's rank moved by `jitter`; `None` where there are fewer than twice `tail_min`
    /// organisations.
    pub fn at(&self, percentile: u32, jitter: i64, tail_min: u32) -> Option<u8> {
        let (n, tail_min) = (i64::from(self.n), i64::from(tail_min.max(1)));
        if n < 2 * tail_min {
            return None;
        }
        let rank = ((i64::from(percentile) * n + 99) / 100).max(1) + jitter;
        let rank = rank.clamp(tail_min, n - tail_min + 1);
        let mut cumulative = 0;
        self.bins
            .iter()
            .position(|count| {
                cumulative += i64::from(*count);
                cumulative >= rank
            })
            .and_then(|value| u8::try_from(value).ok())
    }

    /// The quantiles of `percentiles` (ascending) as R14 says, sorted if jitter made them cross.
    pub fn quantiles(
        &self,
        percentiles: &[u32],
        parameters: &Parameters,
        key: &ReleaseKey,
    ) -> Option<Vec<u8>> {
        let most = parameters.jitter(self.n);
        let mut values = percentiles
            .iter()
            .map(|percentile| {
                self.at(*percentile, key.jitter(*percentile, self.digest, most), parameters.tail_min)
            })
            .collect::<Option<Vec<u8>>>()?;
        values.sort_unstable();
        Some(values)
    }
}

/// What is published of a list where there is no jitter, no protected tail and no coding: for comparing with the quantiles
/// of others.
#[cfg(test)]
pub(crate) fn plain(values: &[u8], percentiles: &[u32]) -> Vec<u8> {
    let mut histogram = Histogram::EMPTY;
    values.iter().for_each(|value| histogram.add(*value));
    percentiles.iter().map(|percentile| histogram.at(*percentile, 0, 1).unwrap()).collect()
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
            prop_assert_eq!(histogram(&values).at(p, 0, 1), Some(reference(&values, p)));
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
            let published = histogram(&sorted).quantiles(&[25, 50, 75], &parameters, &key);
            let n = sorted.len();
            let digest = histogram(&sorted).digest;
            sorted[0] = 0;
            sorted[1] = 0;
            sorted[n - 1] = 100;
            sorted[n - 2] = 100;
            let mut moved = histogram(&sorted);
            moved.digest = digest;
            prop_assert_eq!(moved.quantiles(&[25, 50, 75], &parameters, &key), published);
        }

        #[test]
        fn quantiles_ascend(values in proptest::collection::vec(0_u8..=100, 20..300), key in any::<[u8; 32]>()) {
            let parameters = Parameters::preset(Preset::Default);
            let q = histogram(&values).quantiles(&[25, 50, 75], &parameters, &ReleaseKey::new(key)).unwrap();
            prop_assert!(q.is_sorted());
        }
    }

    /// The counter-test of A14: without protected tails the lowest value shows in a low quantile.
    #[test]
    fn without_tail_min_an_extreme_shows() {
        let mut values = vec![50; 20];
        let before = histogram(&values).at(5, 0, 1);
        values[0] = 0;
        assert_ne!(histogram(&values).at(5, 0, 1), before);
        values[0] = 50;
        let protected = histogram(&values).at(5, 0, 3);
        values[0] = 0;
        assert_eq!(histogram(&values).at(5, 0, 3), protected);
    }
}
