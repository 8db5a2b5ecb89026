//! R13: the cohorts of a release: `all`, each value of one dimension, and, in a community that is large enough, each
//! pair of values of two dimensions.

use std::collections::BTreeMap;

use super::Member;
use crate::domain::{
    cohort::Cohort,
    organisation::{Dimension, Dimensions},
};

/// The cohorts in a fixed order, coarse to fine, and how they lie within each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lattice {
    cohorts: Vec<Cohort>,
    positions: BTreeMap<Cohort, usize>,
    slots: Vec<usize>,
    coarser: Vec<Vec<usize>>,
    splits: Vec<Split>,
}

/// One cohort divided by the values of one dimension (R11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    pub parent: usize,
    pub children: Vec<usize>,
}

/// A member's cohorts by slot: `all`, the three dimensions, their three pairs. [`NOWHERE`] where the lattice has none.
pub(super) type Seats = [u16; SLOTS];
pub(super) const SLOTS: usize = 7;
pub(super) const NOWHERE: u16 = u16::MAX;

fn slot(cohort: &Cohort) -> usize {
    let single = |dimension: &Dimension| match dimension {
        Dimension::Sector => 1,
        Dimension::Size => 2,
        Dimension::Region => 3,
    };
    match cohort {
        Cohort::All => 0,
        Cohort::One(dimension, _) => single(dimension),
        // Sector and size, sector and region, size and region.
        Cohort::Pair((a, _), (b, _)) => single(a) + single(b) + 1,
    }
}

impl Lattice {
    /// Dimensions with one value are left out.
    pub fn new(dimensions: &Dimensions, pairs: bool) -> Self {
        let values = |dimension| {
            let values = dimensions.values(dimension);
            if values.len() > 1 { values } else { &[] }
        };
        let mut cohorts = vec![Cohort::All];
        for dimension in Dimension::ALL {
            cohorts.extend(values(dimension).iter().map(|value| Cohort::One(dimension, value.clone())));
        }
        let all_pairs = [
            (Dimension::Sector, Dimension::Size),
            (Dimension::Sector, Dimension::Region),
            (Dimension::Size, Dimension::Region),
        ];
        for (a, b) in all_pairs.into_iter().filter(|_| pairs) {
            for x in values(a) {
                cohorts.extend(values(b).iter().map(|y| Cohort::Pair((a, x.clone()), (b, y.clone()))));
            }
        }
        let positions: BTreeMap<Cohort, usize> =
            cohorts.iter().cloned().enumerate().map(|(position, cohort)| (cohort, position)).collect();
        let directly = |cohort: &Cohort| -> Vec<usize> {
            cohort.coarser().iter().filter_map(|above| positions.get(above).copied()).collect()
        };
        let coarser = cohorts.iter().map(|cohort| {
            let mut above = directly(cohort);
            if matches!(cohort, Cohort::Pair(..)) {
                above.insert(0, 0);
            }
            above
        });
        let slots: Vec<usize> = cohorts.iter().map(slot).collect();
        // Children of a parent in one slot divide it by one dimension.
        let mut splits: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for ((position, cohort), slot) in cohorts.iter().enumerate().zip(&slots) {
            for parent in directly(cohort) {
                splits.entry((parent, *slot)).or_default().push(position);
            }
        }
        let splits = splits.into_iter().map(|((parent, _), children)| Split { parent, children }).collect();
        Self { coarser: coarser.collect(), slots, splits, positions, cohorts }
    }

    /// `all` first, then singles, then pairs.
    pub fn cohorts(&self) -> &[Cohort] {
        &self.cohorts
    }

    pub(super) fn position(&self, cohort: &Cohort) -> Option<u16> {
        self.positions.get(cohort).and_then(|position| u16::try_from(*position).ok())
    }

    /// The slot of members' seats that a cohort is in.
    pub(super) fn slot(&self, cohort: usize) -> usize {
        self.slots.get(cohort).copied().unwrap_or_default()
    }

    /// Every cohort of the lattice that holds this one, `all` first.
    pub(super) fn coarser(&self, cohort: usize) -> &[usize] {
        self.coarser.get(cohort).map(Vec::as_slice).unwrap_or_default()
    }

    /// Coarse parents first.
    pub(super) fn splits(&self) -> &[Split] {
        &self.splits
    }

    pub(super) fn seats(&self, member: &Member) -> Seats {
        let one = |dimension, value: &String| (dimension, value.clone());
        let sector = || one(Dimension::Sector, &member.sector);
        let size = || one(Dimension::Size, &member.size);
        let region = || one(Dimension::Region, &member.region);
        let single = |(dimension, value)| Cohort::One(dimension, value);
        [
            Cohort::All,
            single(sector()),
            single(size()),
            single(region()),
            Cohort::Pair(sector(), size()),
            Cohort::Pair(sector(), region()),
            Cohort::Pair(size(), region()),
        ]
        .map(|cohort| self.position(&cohort).unwrap_or(NOWHERE))
    }
}
