//! R13: the cohorts of a release: `all`, each value of one dimension, and, in a community that is large enough, each
//! pair of values of two dimensions.

use std::collections::BTreeMap;

use crate::domain::{cohort::Cohort, dimension::Dimensions, release::values::unreleased::Member};

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
pub struct Split {
    pub parent: usize,
    pub children: Vec<usize>,
}

/// A member's cohorts by slot: `all`, one for each dimension, one for each two. [`NOWHERE`] where the lattice has none.
pub type Seats = [u16; SLOTS];
pub const SLOTS: usize = 7;
pub const NOWHERE: u16 = u16::MAX;

impl Lattice {
    /// Dimensions with one value are left out.
    pub fn new(dimensions: &Dimensions, pairs: bool) -> Self {
        let values = |dimension| {
            let values = dimensions.values(dimension);
            if values.len() > 1 { values } else { &[] }
        };
        // One group of cohorts for each slot of a member's seats.
        let mut groups = vec![vec![Cohort::All]];
        for (dimension, _) in dimensions.iter() {
            let single = |value: &String| Cohort::One(dimension, value.clone());
            groups.push(values(dimension).iter().map(single).collect());
        }
        for (a, b) in dimensions.pairs().filter(|_| pairs) {
            let pair = |x: &String, y: &String| Cohort::Pair((a, x.clone()), (b, y.clone()));
            groups.push(values(a).iter().flat_map(|x| values(b).iter().map(move |y| pair(x, y))).collect());
        }
        let slotted = groups.into_iter().enumerate();
        let slotted =
            slotted.flat_map(|(slot, cohorts)| cohorts.into_iter().map(move |cohort| (slot, cohort)));
        let (slots, cohorts): (Vec<usize>, Vec<Cohort>) = slotted.unzip();
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

    pub(in crate::domain::release) fn position(&self, cohort: &Cohort) -> Option<u16> {
        self.positions.get(cohort).and_then(|position| u16::try_from(*position).ok())
    }

    /// The slot of members' seats that a cohort is in.
    pub(in crate::domain::release) fn slot(&self, cohort: usize) -> usize {
        self.slots.get(cohort).copied().unwrap_or_default()
    }

    /// Every cohort of the lattice that holds this one, `all` first.
    pub(in crate::domain::release) fn coarser(&self, cohort: usize) -> &[usize] {
        self.coarser.get(cohort).map(Vec::as_slice).unwrap_or_default()
    }

    /// Coarse parents first.
    pub(in crate::domain::release) fn splits(&self) -> &[Split] {
        &self.splits
    }

    pub(in crate::domain::release) fn seats(&self, member: &Member) -> Seats {
        let mut seats = [NOWHERE; SLOTS];
        for position in Cohort::of(&member.dimensions).iter().filter_map(|cohort| self.position(cohort)) {
            let slot = self.slot(usize::from(position));
            seats.get_mut(slot).into_iter().for_each(|seat| *seat = position);
        }
        seats
    }
}
