//! R13: the cohorts of a release: `all`, each value of one dimension, and, in a community that is large enough, each
//! pair of values of two dimensions.

use std::collections::BTreeMap;

use thiserror::Error;

use super::index::{ByCohort, BySlot, CohortIx, SlotIx};
use crate::domain::{
    cohort::Cohort,
    dimension::{Dimension, Dimensions},
    release::values::unreleased::Member,
};

/// The cohorts in a fixed order, coarse to fine, and how they lie within each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lattice {
    cohorts: ByCohort<Cohort>,
    names: BTreeMap<Cohort, CohortIx>,
    slots: BySlot<Slot>,
    slot_of: ByCohort<SlotIx>,
    coarser: ByCohort<Vec<CohortIx>>,
    levels: Vec<Level>,
}

/// A group of disjoint cohorts: those that have a value of each of its dimensions, of which there are none, one or two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::domain::release) struct Slot {
    /// The slots of the single dimensions that it is made of.
    pub dimensions: Vec<SlotIx>,
}

/// The cohorts of equally many dimensions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::domain::release) struct Level {
    pub cohorts: Vec<CohortIx>,
    /// The coarser cohorts, coarse ones first, divided into cohorts of this level.
    pub splits: Vec<Split>,
}

/// One cohort divided by the values of one dimension (R11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::domain::release) struct Split {
    pub parent: CohortIx,
    pub children: Vec<CohortIx>,
}

/// The cohorts that a member is in, by slot; `None` where the lattice has none.
pub(in crate::domain::release) type MemberCohorts = BySlot<Option<CohortIx>>;

/// The error for dimensions that make more cohorts than can be numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the dimensions make too many cohorts: a release can have {} groups of disjoint cohorts, which is five dimensions, \
     and 65,535 cohorts",
    SlotSet::MOST
)]
pub struct TooManyCohorts;

/// Some of the slots, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in crate::domain::release) struct SlotSet(u16);

impl SlotSet {
    /// Slots that there can be. [`Lattice::new`] refuses more.
    pub const MOST: usize = 16;

    /// The inverse of [`Self::bits`].
    pub fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The lowest bit stands for the first slot.
    pub fn bits(self) -> u16 {
        self.0
    }

    pub fn contains(self, slot: SlotIx) -> bool {
        self.0 & 1 << slot.position() != 0
    }

    pub fn insert(&mut self, slot: SlotIx) {
        self.0 |= 1 << slot.position();
    }

    pub fn remove(&mut self, slot: SlotIx) {
        self.0 &= !(1 << slot.position());
    }

    /// The slots that are in both.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The slots in which a member has a cohort.
    pub fn of(cohorts: &MemberCohorts) -> Self {
        let mut set = Self::default();
        cohorts.iter().filter(|(_, cohort)| cohort.is_some()).for_each(|(slot, _)| set.insert(slot));
        set
    }

    /// Selects those of a member's cohorts that are in these slots.
    pub fn select(
        self,
        cohorts: &MemberCohorts,
    ) -> impl Iterator<Item = (SlotIx, CohortIx)> + Clone + use<'_> {
        let inside = cohorts.indices().zip(cohorts.values()).filter(move |(slot, _)| self.contains(*slot));
        inside.filter_map(|(slot, cohort)| Some((slot, (*cohort)?)))
    }
}

impl Lattice {
    /// Dimensions with one value are left out.
    pub fn new(dimensions: &Dimensions, pairs: bool) -> Result<Self, TooManyCohorts> {
        let values = |dimension: Dimension| {
            let values = dimensions.values(dimension);
            if values.len() > 1 { values } else { &[] }
        };
        // The cohorts of one slot after the other.
        let mut slots = BySlot::default();
        slots.push(Slot::default()).ok_or(TooManyCohorts)?;
        let mut grouped = vec![vec![Cohort::All]];
        let mut single = BTreeMap::new();
        for (dimension, _) in dimensions.iter() {
            let slot = slots.push(Slot::default()).ok_or(TooManyCohorts)?;
            slots[slot].dimensions.push(slot);
            single.insert(dimension, slot);
            let one = |value: &String| Cohort::One(dimension, value.clone());
            grouped.push(values(dimension).iter().map(one).collect());
        }
        for (a, b) in dimensions.pairs() {
            let of = [a, b].iter().filter_map(|dimension| single.get(dimension).copied()).collect();
            slots.push(Slot { dimensions: of }).ok_or(TooManyCohorts)?;
            let pair = |x: &String, y: &String| Cohort::Pair((a, x.clone()), (b, y.clone()));
            let all = values(a).iter().flat_map(|x| values(b).iter().map(move |y| pair(x, y)));
            grouped.push(if pairs { all.collect() } else { Vec::new() });
        }
        if slots.len() > SlotSet::MOST {
            return Err(TooManyCohorts);
        }
        let slotted = slots.indices().zip(grouped);
        let slotted =
            slotted.flat_map(|(slot, cohorts)| cohorts.into_iter().map(move |cohort| (slot, cohort)));
        let (slot_of, cohorts): (Vec<SlotIx>, Vec<Cohort>) = slotted.unzip();
        let cohorts = ByCohort::new(cohorts).ok_or(TooManyCohorts)?;
        let slot_of = ByCohort::new(slot_of).ok_or(TooManyCohorts)?;
        let names = cohorts.iter().map(|(index, cohort)| (cohort.clone(), index)).collect();
        let mut this =
            Self { coarser: cohorts.map(|_| Vec::new()), slot_of, slots, levels: Vec::new(), names, cohorts };
        this.nest();
        Ok(this)
    }

    /// Records which cohorts contain which.
    fn nest(&mut self) {
        let directly = |cohort: &Cohort| -> Vec<CohortIx> {
            cohort.coarser().iter().filter_map(|above| self.names.get(above).copied()).collect()
        };
        // Children of a parent in one slot divide it by one dimension.
        let mut splits: BTreeMap<(CohortIx, SlotIx), Vec<CohortIx>> = BTreeMap::new();
        let mut coarser = self.cohorts.map(|cohort| directly(&self.cohorts[cohort]));
        for (cohort, above) in coarser.iter() {
            for parent in above {
                splits.entry((*parent, self.slot_of[cohort])).or_default().push(cohort);
            }
        }
        let all = self.names.get(&Cohort::All).copied();
        for (above, cohort) in coarser.values_mut().zip(self.cohorts.values()) {
            if matches!(cohort, Cohort::Pair(..)) {
                all.into_iter().for_each(|all| above.insert(0, all));
            }
        }
        let finest = self.slots.values().map(|slot| slot.dimensions.len()).max().unwrap_or_default();
        let level = |number: usize| Level {
            cohorts: self.cohorts.indices().filter(|cohort| self.level(*cohort) == number).collect(),
            splits: splits
                .iter()
                .filter(|((_, slot), _)| self.slots[*slot].dimensions.len() == number)
                .map(|((parent, _), children)| Split { parent: *parent, children: children.clone() })
                .collect(),
        };
        self.levels = (0..=finest).map(level).collect();
        self.coarser = coarser;
    }

    /// The cohorts of the largest lattice that the dimensions make by default.
    pub(in crate::domain::release) fn most() -> usize {
        let sizes: Vec<usize> = Dimensions::default().iter().map(|(_, values)| values.len()).collect();
        let pairs = sizes
            .iter()
            .enumerate()
            .map(|(position, size)| size * sizes.iter().skip(position + 1).sum::<usize>());
        1 + sizes.iter().sum::<usize>() + pairs.sum::<usize>()
    }

    /// `all` first, then singles, then pairs.
    pub fn cohorts(&self) -> impl Iterator<Item = &Cohort> {
        self.cohorts.values()
    }

    /// `all` first, then singles, then pairs.
    pub(in crate::domain::release) fn by_cohort(&self) -> &ByCohort<Cohort> {
        &self.cohorts
    }

    pub(in crate::domain::release) fn find(&self, cohort: &Cohort) -> Option<CohortIx> {
        self.names.get(cohort).copied()
    }

    pub(in crate::domain::release) fn slots(&self) -> &BySlot<Slot> {
        &self.slots
    }

    /// The group of disjoint cohorts that a cohort is one of.
    pub(in crate::domain::release) fn slot(&self, cohort: CohortIx) -> SlotIx {
        self.slot_of[cohort]
    }

    /// The number of dimensions that a cohort fixes.
    pub(in crate::domain::release) fn level(&self, cohort: CohortIx) -> usize {
        self.slots[self.slot_of[cohort]].dimensions.len()
    }

    /// Coarse to fine.
    pub(in crate::domain::release) fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Every cohort of the lattice that holds this one, `all` first.
    pub(in crate::domain::release) fn coarser(&self, cohort: CohortIx) -> &[CohortIx] {
        &self.coarser[cohort]
    }

    pub(in crate::domain::release) fn of_member(&self, member: &Member) -> MemberCohorts {
        let mut cohorts = self.slots.filled(None);
        for cohort in Cohort::of(&member.dimensions).iter().filter_map(|cohort| self.find(cohort)) {
            cohorts[self.slot_of[cohort]] = Some(cohort);
        }
        cohorts
    }
}
