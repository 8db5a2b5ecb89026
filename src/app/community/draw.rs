//! Seeded draws: every number of the community comes from here, so that the same seed gives the same bytes.

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// A stream of random numbers that depends on nothing but its seed and its number.
pub(super) struct Draw(StdRng);

impl Draw {
    /// Streams of one seed are independent, so that a member does not change with the size of its community.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        Self(StdRng::seed_from_u64(mix(seed ^ mix(stream.wrapping_add(1)))))
    }

    /// Uniform in 0..1.
    pub(super) fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal.
    pub(super) fn normal(&mut self) -> f64 {
        box_muller(self.unit(), self.unit())
    }

    /// Uniform among `low..=high`.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        self.0.random_range(low..=high.max(low))
    }

    /// One of the items, with probability proportional to its weight.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [(T, f64)]) -> Option<&'a T> {
        let total: f64 = items.iter().map(|(_, weight)| weight).sum();
        let at = self.unit() * total;
        let mut sum = 0.0;
        for (item, weight) in items {
            sum += weight;
            if at < sum {
                return Some(item);
            }
        }
        items.last().map(|(item, _)| item)
    }

    /// A score whose `n` largest among several items are a draw of `n` without replacement, by weight (the
    /// exponential form of weighted sampling).
    pub(super) fn race(&mut self, weight: f64) -> f64 {
        self.unit().max(f64::MIN_POSITIVE).ln() / weight.max(1e-9)
    }
}

/// A number that stands for a name.
pub(super) fn key(name: &str) -> u64 {
    // FNV-1a.
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A standard normal number that belongs to a pair of names for ever: a product's taste for a technique.
pub(super) fn taste(seed: u64, whose: u64, what: u64) -> f64 {
    let first = mix(mix(mix(seed) ^ whose) ^ what);
    box_muller(fraction(first), fraction(mix(first)))
}

/// The position of `index` in a sequence that fills 0..1 evenly at every length, so that shares hold in small
/// communities too.
pub(super) fn even(seed: u64, index: u32) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    (fraction(mix(seed)) + f64::from(index) * GOLDEN).fract()
}

/// A number of at most `most`, rounded half up; 0 for what is negative or no number.
#[expect(clippy::as_conversions, reason = "clamped to the range of the target, and NaN becomes 0")]
pub(super) fn whole(value: f64, most: u32) -> u32 {
    (value + 0.5).clamp(0.0, f64::from(most)) as u32
}

/// The item at a position of 0..1 of a list; `None` for an empty one.
pub(super) fn element<T>(items: &[T], position: f64) -> Option<&T> {
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let at = whole((position * f64::from(count)).floor(), count.saturating_sub(1));
    usize::try_from(at).ok().and_then(|at| items.get(at))
}

/// The finaliser of SplitMix64.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The upper bits of a number as a fraction in 0..1.
fn fraction(value: u64) -> f64 {
    f64::from(u32::try_from(value >> 32).unwrap_or(u32::MAX)) / (f64::from(u32::MAX) + 1.0)
}

fn box_muller(a: f64, b: f64) -> f64 {
    (-2.0 * a.max(f64::MIN_POSITIVE).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}
