//! The seeded community of the attacks: forty techniques, each of which a share of the members does not cover at all,
//! drawn from Beta(2, 3); scores of the others are Beta distributed around a mean of 0.25 to 0.8 with concentration 5.
//! Techniques are replicates, so that a statistical test needs tens of worlds and not thousands.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rand_distr::{Beta, Distribution as _};

pub const TECHNIQUES: usize = 40;

struct Technique {
    uncovered: f64,
    scores: Beta<f64>,
}

/// One community's laws and the state of its dice.
pub struct Fixture {
    rng: StdRng,
    techniques: Vec<Technique>,
}

impl Fixture {
    pub fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let uncovered = Beta::new(2.0, 3.0).unwrap();
        let techniques = (0..TECHNIQUES).map(|_| {
            let mean: f64 = rng.random_range(0.25..0.8);
            let scores = Beta::new(5.0 * mean, 5.0 * (1.0 - mean)).unwrap();
            Technique { uncovered: uncovered.sample(&mut rng), scores }
        });
        let techniques = techniques.collect();
        Self { rng, techniques }
    }

    /// A member's score of each technique.
    pub fn member(&mut self) -> Vec<u8> {
        self.member_where(|_| true)
    }

    /// The same, of scores that satisfy a condition.
    pub fn member_where(&mut self, keep: impl Fn(u8) -> bool) -> Vec<u8> {
        (0..TECHNIQUES).map(|technique| self.score(technique, &keep)).collect()
    }

    pub fn members(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.member()).collect()
    }

    fn score(&mut self, technique: usize, keep: impl Fn(u8) -> bool) -> u8 {
        let Technique { uncovered, scores } = &self.techniques[technique];
        loop {
            let covered = self.rng.random::<f64>() >= *uncovered;
            let score = if covered { (100.0 * scores.sample(&mut self.rng)).round() as u8 } else { 0 };
            if keep(score) {
                return score;
            }
        }
    }
}
