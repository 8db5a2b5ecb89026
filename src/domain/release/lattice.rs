//! R13: the cohorts of a release. Pairs are not in it: they need the rules for nested differences and remainders
//! over the whole lattice.

use std::collections::BTreeMap;

use super::Member;
use crate::domain::{
    cohort::Cohort,
    organisation::{Dimension, Dimensions},
};

/// `all` and each value of each dimension that has more than one value, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lattice {
    cohorts: Vec<Cohort>,
    positions: BTreeMap<Cohort, u16>,
}

/// Where one member sits: the positions of its cohorts by [`slot`]; `None` where a dimension makes no cohort.
pub(super) type Seats = [Option<u16>; SLOTS];

/// `all` and the three dimensions.
pub(super) const SLOTS: usize = 4;

/// The bit of a member's seat in masks: 1 for `all`, then one per dimension.
pub(super) fn bit(cohort: &Cohort) -> u8 {
    match cohort {
        Cohort::All => 1,
        Cohort::One(Dimension::Sector, _) => 2,
        Cohort::One(Dimension::Size, _) => 4,
        Cohort::One(Dimension::Region, _) => 8,
        Cohort::Pair(..) => 0,
    }
}

impl Lattice {
    pub fn new(dimensions: &Dimensions) -> Self {
        let mut cohorts = vec![Cohort::All];
        for dimension in Dimension::ALL {
            let values = dimensions.values(dimension);
            if values.len() > 1 {
                cohorts.extend(values.iter().map(|value| Cohort::One(dimension, value.clone())));
            }
        }
        let positions = cohorts.iter().cloned().zip(0_u16..).collect();
        Self { cohorts, positions }
    }

    /// `all` first.
    pub fn cohorts(&self) -> &[Cohort] {
        &self.cohorts
    }

    pub(super) fn seats(&self, member: &Member) -> Seats {
        let position = |cohort: Cohort| self.positions.get(&cohort).copied();
        [
            Some(0),
            position(Cohort::One(Dimension::Sector, member.sector.clone())),
            position(Cohort::One(Dimension::Size, member.size.clone())),
            position(Cohort::One(Dimension::Region, member.region.clone())),
        ]
    }
}
