//! Counting one cell in every cohort at once, and the control groups in the differences that R9, R10 and R11 ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    dominance::stay,
    frame::Frame,
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
    unshared: u32,
}

/// An organisation of a control group with several.
struct Shared {
    member: u32,
    group: u32,
    mask: u8,
}

/// One cell, counted.
pub(super) struct Scan {
    /// By position of the cohort.
    pub cohorts: Vec<Count>,
    shared: Vec<Shared>,
    /// (member, cohorts in which it counts) of the others.
    unshared: Vec<(u32, u8)>,
}

/// Control groups outside a finer cell, by position of its cohort.
pub(super) struct Outside {
    /// In the coarser column of the same cohort.
    pub same: Vec<u32>,
    /// In the coarser column of `all`, which holds the finer cell as well, whether or not what lies between is released.
    pub all: Vec<u32>,
}

impl Scan {
    pub fn new(frame: &Frame<'_>, entries: &[Entry]) -> Self {
        let empty = Count { histogram: Histogram::EMPTY, groups: 0, unshared: 0 };
        let mut cohorts = vec![empty; frame.lattice.cohorts().len()];
        let mut shared = Vec::new();
        let mut unshared = Vec::with_capacity(entries.len());
        let scale = commonest_scale(entries);
        let comparable =
            || entries.iter().filter(move |entry| entry.scale == scale || entry.scale == NO_SCALE);
        let left_out = dominant(frame, comparable());
        let mut groups = BTreeSet::new();
        for entry in comparable() {
            let (Some(seat), Some(print)) =
                (frame.seat(entry.member), frame.fingerprint(entry.member, entry.value))
            else {
                continue;
            };
            let mask = seat.mask & !left_out.get(&entry.member).copied().unwrap_or_default();
            for cohort in seat.cohorts(mask) {
                let Some(count) = cohorts.get_mut(cohort) else { continue };
                count.histogram.add(entry.value, print);
                match seat.shared {
                    None => {
                        count.unshared += 1;
                        count.groups += 1;
                    }
                    Some(group) if groups.insert((cohort, group)) => count.groups += 1,
                    Some(_) => {}
                }
            }
            match seat.shared {
                None => unshared.push((entry.member, mask)),
                Some(group) => shared.push(Shared { member: entry.member, group, mask }),
            }
        }
        Self { cohorts, shared, unshared }
    }

    /// Writes the cohorts in which each member counts into `masks`, by member.
    pub fn mark(&self, masks: &mut [u8]) {
        self.each(|member, mask| set(masks, member, mask));
    }

    /// Undoes [`Self::mark`].
    pub fn unmark(&self, masks: &mut [u8]) {
        self.each(|member, _| set(masks, member, 0));
    }

    fn each(&self, mut act: impl FnMut(u32, u8)) {
        self.unshared.iter().for_each(|(member, mask)| act(*member, *mask));
        self.shared.iter().for_each(|shared| act(shared.member, shared.mask));
    }

    /// R10 between columns: the control groups that contribute to `coarser` (whose members are marked in `masks`) with
    /// an organisation that does not contribute to this, finer cell.
    pub fn outside(&self, frame: &Frame<'_>, coarser: &Self, masks: &[u8]) -> Outside {
        let cohorts = coarser.cohorts.len();
        let mut same: Vec<u32> = coarser.cohorts.iter().map(|count| count.unshared).collect();
        let mut all = vec![coarser.cohorts.first().map_or(0, |count| count.unshared); cohorts];
        let less = |counts: &mut [u32], cohort: usize| {
            counts.get_mut(cohort).into_iter().for_each(|count| *count = count.saturating_sub(1));
        };
        for (member, mask) in &self.unshared {
            let above = usize::try_from(*member).ok().and_then(|m| masks.get(m)).copied().unwrap_or_default();
            let Some(seat) = frame.seat(*member) else { continue };
            seat.cohorts(mask & above).for_each(|cohort| less(&mut same, cohort));
            if above & 1 != 0 {
                seat.cohorts(*mask).for_each(|cohort| less(&mut all, cohort));
            }
        }
        let own: BTreeMap<u32, u8> = self.shared.iter().map(|shared| (shared.member, shared.mask)).collect();
        let (mut same_groups, mut all_groups) = (BTreeSet::new(), BTreeSet::new());
        for shared in &coarser.shared {
            let Some(seat) = frame.seat(shared.member) else { continue };
            let mask = own.get(&shared.member).copied().unwrap_or_default();
            same_groups.extend(seat.cohorts(shared.mask & !mask).map(|cohort| (cohort, shared.group)));
            if shared.mask & 1 != 0 {
                let inside: Vec<usize> = seat.cohorts(mask).collect();
                let outside = (0..cohorts).filter(|cohort| !inside.contains(cohort));
                all_groups.extend(outside.map(|cohort| (cohort, shared.group)));
            }
        }
        for (counts, groups) in [(&mut same, same_groups), (&mut all, all_groups)] {
            for (cohort, _) in groups {
                counts.get_mut(cohort).into_iter().for_each(|count| *count += 1);
            }
        }
        Outside { same, all }
    }

    /// R10 and R11 between cohorts: the control groups that contribute to `all` with an organisation in none of the
    /// given cohorts of one dimension.
    pub fn remainder(&self, frame: &Frame<'_>, released: &[usize]) -> u32 {
        let unshared = |cohort: &usize| self.cohorts.get(*cohort).map_or(0, |count| count.unshared);
        let all = self.cohorts.first().map_or(0, |count| count.unshared);
        let mut groups = BTreeSet::new();
        for shared in self.shared.iter().filter(|shared| shared.mask & 1 != 0) {
            let Some(seat) = frame.seat(shared.member) else { continue };
            if !seat.cohorts(shared.mask).any(|cohort| released.contains(&cohort)) {
                groups.insert(shared.group);
            }
        }
        let shared = u32::try_from(groups.len()).unwrap_or(u32::MAX);
        all.saturating_sub(released.iter().map(unshared).sum()) + shared
    }
}

fn set(masks: &mut [u8], member: u32, mask: u8) {
    usize::try_from(member)
        .ok()
        .and_then(|member| masks.get_mut(member))
        .into_iter()
        .for_each(|slot| *slot = mask);
}

/// The scale that most organisations of the cell use; scales rank differently, so the others are not in it.
fn commonest_scale(entries: &[Entry]) -> u8 {
    let mut counts = [0_u32; Scale::ALL.len()];
    for entry in entries {
        counts.get_mut(usize::from(entry.scale)).into_iter().for_each(|count| *count += 1);
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    counts
        .iter()
        .position(|count| *count == most)
        .and_then(|scale| u8::try_from(scale).ok())
        .unwrap_or(NO_SCALE)
}

/// R12 within the cell: the cohorts that organisations of dominant control groups lose here, by member.
fn dominant<'e>(frame: &Frame<'_>, entries: impl Iterator<Item = &'e Entry> + Clone) -> BTreeMap<u32, u8> {
    let share = frame.parameters.max_cg_share;
    let mut by_group: BTreeMap<(usize, u32), Vec<(u32, u32)>> = BTreeMap::new();
    for entry in entries.clone() {
        let Some(seat) = frame.seat(entry.member) else { continue };
        let Some(group) = seat.shared else { continue };
        for cohort in seat.cohorts(seat.mask) {
            by_group.entry((cohort, group)).or_default().push((seat.rank, entry.member));
        }
    }
    let mut left_out = BTreeMap::new();
    if by_group.is_empty() {
        return left_out;
    }
    let mut sizes: BTreeMap<usize, u32> = BTreeMap::new();
    for cohort in
        entries.filter_map(|entry| frame.seat(entry.member)).flat_map(|seat| seat.cohorts(seat.mask))
    {
        *sizes.entry(cohort).or_default() += 1;
    }
    let bits = super::frame::bits(&frame.lattice);
    for ((cohort, _), mut members) in by_group {
        let own = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let others = sizes.get(&cohort).copied().unwrap_or_default().saturating_sub(own);
        members.sort_unstable();
        let kept = usize::try_from(stay(own, others, share)).unwrap_or(usize::MAX);
        for (_, member) in members.into_iter().skip(kept) {
            *left_out.entry(member).or_default() |= bits.get(cohort).copied().unwrap_or_default();
        }
    }
    left_out
}
