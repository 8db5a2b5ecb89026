//! Counting one cell's list in every cohort at once.

use super::{
    dominance::stay,
    frame::{Frame, Seat},
    lattice::SLOTS,
    quantile::Histogram,
    unreleased::{Entry, NO_SCALE},
};
use crate::domain::scale::Scale;

/// One cell in one cohort.
#[derive(Clone)]
pub(super) struct Count {
    pub histogram: Histogram,
    /// Control groups.
    pub groups: u32,
    /// Of these, the ones that have a single organisation.
    pub unshared: u32,
}

/// An organisation that counts in the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    pub member: u32,
    pub value: u8,
    /// Slots of the cohorts in which it counts.
    pub mask: u8,
}

/// One cell, counted.
pub(super) struct Scan {
    /// By position of the cohort.
    pub cohorts: Vec<Count>,
    /// Ascending by member.
    pub kept: Vec<Kept>,
    /// Of these, the ones whose control group has several organisations, with the group.
    pub shared: Vec<(Kept, u32)>,
}

impl Scan {
    /// `entries` ascend by member.
    pub fn new(frame: &Frame<'_>, entries: &[Entry]) -> Self {
        let empty = Count { histogram: Histogram::EMPTY, groups: 0, unshared: 0 };
        let mut cohorts = vec![empty; frame.lattice.cohorts().len()];
        let mut kept = Vec::with_capacity(entries.len());
        let mut shared = Vec::new();
        let scale = commonest_scale(entries);
        for entry in entries.iter().filter(|entry| entry.scale == scale || entry.scale == NO_SCALE) {
            let Some(seat) = frame.seat(entry.member) else { continue };
            let one = Kept { member: entry.member, value: entry.value, mask: seat.mask };
            if let Some(group) = seat.shared {
                shared.push((one, group));
                continue;
            }
            kept.push(one);
            for cohort in seat.cohorts(seat.mask) {
                if let Some(count) = cohorts.get_mut(cohort) {
                    count.histogram.add(entry.value);
                    count.unshared += 1;
                }
            }
        }
        cohorts.iter_mut().for_each(|count| count.groups = count.unshared);
        if !shared.is_empty() {
            dominate(frame, &mut shared, &cohorts);
            let mut groups = Vec::new();
            for (one, group) in &shared {
                let Some(seat) = frame.seat(one.member) else { continue };
                for cohort in seat.cohorts(one.mask) {
                    cohorts.get_mut(cohort).into_iter().for_each(|count| count.histogram.add(one.value));
                    groups.push((cohort, *group));
                }
            }
            for cohort in distinct(groups).map(|(cohort, _)| cohort) {
                cohorts.get_mut(cohort).into_iter().for_each(|count| count.groups += 1);
            }
            kept.extend(shared.iter().map(|(one, _)| *one));
            kept.sort_unstable_by_key(|one| one.member);
        }
        Self { cohorts, kept, shared }
    }

    pub fn groups(&self) -> Vec<u32> {
        self.cohorts.iter().map(|count| count.groups).collect()
    }

    pub fn count(&self, cohort: usize) -> u32 {
        self.cohorts.get(cohort).map_or(0, |count| count.groups)
    }

    pub fn unshared(&self, cohort: usize) -> u32 {
        self.cohorts.get(cohort).map_or(0, |count| count.unshared)
    }

    /// Adds up the digests of the lists in `chosen` cohorts, on which their jitter depends.
    pub fn identify(&mut self, frame: &Frame<'_>, chosen: &[bool]) {
        for one in &self.kept {
            let Some(seat) = frame.seat(one.member) else { continue };
            let mut print = None;
            for cohort in seat.cohorts(one.mask).filter(|cohort| chosen.get(*cohort) == Some(&true)) {
                let print = *print.get_or_insert_with(|| frame.fingerprint(one.member, one.value));
                if let (Some(count), Some(print)) = (self.cohorts.get_mut(cohort), print) {
                    count.histogram.identify(print);
                }
            }
        }
    }
}

/// Sorted, each once.
pub(super) fn distinct<T: Ord>(mut items: Vec<T>) -> impl Iterator<Item = T> {
    items.sort_unstable();
    items.dedup();
    items.into_iter()
}

/// The scale that most organisations of the cell use; scales rank differently, so the others are not in it.
fn commonest_scale(entries: &[Entry]) -> u8 {
    let mut counts = [0_u32; Scale::ALL.len()];
    for entry in entries {
        counts.get_mut(usize::from(entry.scale)).into_iter().for_each(|count| *count += 1);
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let scale = counts.iter().position(|count| *count == most);
    scale.and_then(|scale| u8::try_from(scale).ok()).unwrap_or(NO_SCALE)
}

/// R12 within the cell: takes organisations of dominant control groups out of cohorts. `cohorts` holds the others.
fn dominate(frame: &Frame<'_>, shared: &mut [(Kept, u32)], cohorts: &[Count]) {
    // (cohort, group, rank, position in `shared`, slot): one run per cohort and group, in the order in which they stay.
    let mut seated: Vec<(usize, u32, u32, usize, usize)> = Vec::new();
    for (position, (one, group)) in shared.iter().enumerate() {
        let Some(Seat { seats, rank, .. }) = frame.seat(one.member) else { continue };
        let slots = (0..SLOTS).zip(seats).filter(|(slot, _)| one.mask & 1 << slot != 0);
        seated.extend(slots.map(|(slot, cohort)| (usize::from(*cohort), *group, *rank, position, slot)));
    }
    seated.sort_unstable();
    for of_cohort in seated.chunk_by(|a, b| a.0 == b.0) {
        let unshared =
            of_cohort.first().and_then(|first| cohorts.get(first.0)).map_or(0, |count| count.unshared);
        let size = |of: &[_]| u32::try_from(of.len()).unwrap_or(u32::MAX);
        let all = unshared.saturating_add(size(of_cohort));
        for of_group in of_cohort.chunk_by(|a, b| a.1 == b.1) {
            let own = size(of_group);
            let kept = stay(own, all - own, frame.parameters.max_cg_share);
            for (_, _, _, position, slot) in of_group.iter().skip(usize::try_from(kept).unwrap_or(usize::MAX))
            {
                shared.get_mut(*position).into_iter().for_each(|(one, _)| one.mask &= !(1 << slot));
            }
        }
    }
}
