//! Counting one cell's list in every cohort at once. Organisations are counted by atom (sector x size x region), and atoms
//! are added up to the cohorts that they are in; those of short lists, and those that share a control group, which R12 may
//! keep out of a cohort, are counted one by one.

use super::{
    fingerprint::Fingerprints,
    quantile::{Histogram, Values},
    respondent::Kept,
};
use crate::domain::{
    release::{
        cohorts::{
            lattice::{SLOTS, Seats},
            membership::Seating,
        },
        parameters::{Parameters, Rule},
        rules::dominance::stay,
        values::unreleased::{Entry, NO_SCALE},
    },
    scale::Scale,
};

/// One cell in one cohort.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// Control groups.
    pub groups: u32,
    /// Of these, the ones that have a single organisation.
    pub unshared: u32,
}

/// One cell, counted.
#[derive(Debug)]
pub struct Scan<'s> {
    pub seating: &'s Seating,
    /// By position of the cohort.
    pub cohorts: Vec<Count>,
    /// Ascending by member.
    pub kept: Vec<Kept>,
    /// Of these, the ones whose control group has several organisations, with the group.
    pub shared: Vec<(Kept, u32)>,
}

/// The values of a cell in the cohorts that show new numbers.
pub struct Histograms {
    values: Values,
    /// By cohort, where its counts begin, or [`NONE`].
    starts: Vec<usize>,
    /// Of one cohort after the other, how many organisations have each value or less.
    up_to: Vec<u32>,
    /// By cohort, 0 where jitter does not matter.
    digests: Vec<u128>,
}

/// Beyond all counts, so that there is nothing there to count in.
const NONE: usize = usize::MAX / 2;

/// Organisations for each atom, above which they are counted by atom.
const FEW: usize = 4;

impl Histograms {
    pub fn of(&self, cohort: usize) -> Option<Histogram<'_>> {
        let start = *self.starts.get(cohort)?;
        let up_to = self.up_to.get(start..start + self.values.len())?;
        let digest = self.digests.get(cohort).copied().unwrap_or_default();
        Some(Histogram { values: &self.values, up_to, digest })
    }
}

impl<'s> Scan<'s> {
    /// A list of this release: `entries` ascend by member.
    pub fn now(seating: &'s Seating, size: usize, entries: &[Entry], parameters: &Parameters) -> Self {
        let scale = commonest_scale(entries);
        let mut cohorts = vec![Count::default(); size];
        let mut atoms = vec![0_u32; seating.atoms().len()];
        let (mut kept, mut shared) = (Vec::with_capacity(entries.len()), Vec::new());
        for entry in entries.iter().filter(|entry| entry.scale == scale || entry.scale == NO_SCALE) {
            let Some(seat) = seating.seat(entry.member) else { continue };
            let one = Kept { member: entry.member, value: entry.value, mask: seat.mask, tag: 0 };
            kept.push(one);
            if seat.shared {
                shared.push((one, seating.group(entry.member)));
            } else if let Some(count) = atoms.get_mut(usize::from(seat.atom)) {
                *count += 1;
            }
        }
        for (seats, here) in seating.atoms().iter().zip(atoms).filter(|(_, here)| *here > 0) {
            for cohort in seats {
                if let Some(count) = cohorts.get_mut(usize::from(*cohort)) {
                    count.unshared += here;
                    count.groups += here;
                }
            }
        }
        if !shared.is_empty() {
            if parameters.holds(Rule::R12) {
                dominate(seating, &mut shared, &cohorts, parameters.max_cg_share);
                let mut masks = shared.iter().map(|(one, _)| one).peekable();
                for one in &mut kept {
                    if let Some(reduced) = masks.next_if(|reduced| reduced.member == one.member) {
                        one.mask = reduced.mask;
                    }
                }
            }
            let mut groups = Vec::new();
            for (one, group) in &shared {
                let Some(seat) = seating.seat(one.member) else { continue };
                for cohort in seating.cohorts(seat, one.mask) {
                    groups.push((cohort, *group));
                }
            }
            for (cohort, _) in distinct(groups) {
                cohorts.get_mut(cohort).into_iter().for_each(|count| count.groups += 1);
            }
        }
        Self { seating, cohorts, kept, shared }
    }

    /// The cohorts in which an organisation counts.
    pub fn cohorts_of(&self, one: &Kept) -> impl Iterator<Item = usize> + use<'s> {
        let (seating, mask) = (self.seating, one.mask);
        seating.seat(one.member).into_iter().flat_map(move |seat| seating.cohorts(seat, mask))
    }

    pub fn groups(&self, cohort: usize) -> u32 {
        self.cohorts.get(cohort).map_or(0, |count| count.groups)
    }

    /// The values in the `chosen` cohorts. Of those that `draws` says it of, what their jitter depends on is added up.
    pub fn histograms(
        &self,
        fingerprints: &Fingerprints,
        chosen: impl Iterator<Item = bool>,
        draws: impl Fn(usize, Histogram<'_>) -> bool,
    ) -> Histograms {
        let mut all = self.values(chosen);
        let drawn = |cohort| all.of(cohort).is_some_and(|histogram| draws(cohort, histogram));
        let drawn: Vec<bool> = (0..all.starts.len()).map(drawn).collect();
        self.add_up_prints(fingerprints, &drawn, &mut all.digests);
        all
    }

    /// The values in the `chosen` cohorts.
    pub fn values(&self, chosen: impl Iterator<Item = bool>) -> Histograms {
        let values = Values::new(self.kept.iter().map(|one| one.value));
        let mut size = 0;
        let mut start = |chosen| if chosen { (size, size += values.len()).0 } else { NONE };
        let starts: Vec<usize> = chosen.map(&mut start).collect();
        let digests = vec![0; starts.len()];
        let mut all = Histograms { values, starts, up_to: vec![0; size], digests };
        if size == 0 {
            return all;
        }
        self.count(&mut all);
        for counts in all.up_to.chunks_mut(all.values.len()) {
            let mut total = 0;
            for count in counts {
                total += *count;
                *count = total;
            }
        }
        all
    }

    /// How often each value occurs.
    fn count(&self, all: &mut Histograms) {
        let width = all.values.len();
        let atoms = self.seating.atoms();
        // Adding up an atom takes as long as counting a few organisations.
        let by_atom = self.kept.len() > atoms.len() * FEW;
        let mut counts = vec![0_u32; if by_atom { atoms.len() * width } else { 0 }];
        for one in &self.kept {
            let Some(seat) = self.seating.seat(one.member) else { continue };
            let number = all.values.number(one.value);
            if by_atom && !seat.shared {
                let place = usize::from(seat.atom) * width + number;
                counts.get_mut(place).into_iter().for_each(|count| *count += 1);
                continue;
            }
            for cohort in self.seating.cohorts(seat, one.mask) {
                let place = all.starts.get(cohort).map_or(NONE, |start| start + number);
                all.up_to.get_mut(place).into_iter().for_each(|count| *count += 1);
            }
        }
        for (seats, here) in atoms.iter().zip(counts.chunks_exact(width)) {
            for cohort in seats {
                let start = all.starts.get(usize::from(*cohort)).copied().unwrap_or(NONE);
                if let Some(counts) = all.up_to.get_mut(start..start + width) {
                    counts.iter_mut().zip(here).for_each(|(count, here)| *count += here);
                }
            }
        }
    }

    /// What jitter depends on, of the cohorts in which it matters.
    fn add_up_prints(&self, fingerprints: &Fingerprints, drawn: &[bool], digests: &mut [u128]) {
        let is_drawn = |cohort: usize| drawn.get(cohort) == Some(&true);
        let any = |seats: &Seats| seats.iter().any(|cohort| is_drawn(usize::from(*cohort)));
        // Of the atoms that are in such a cohort.
        let mut atoms: Vec<Option<u128>> =
            self.seating.atoms().iter().map(|seats| any(seats).then_some(0)).collect();
        if atoms.iter().all(Option::is_none) {
            return;
        }
        let drawn_for = |one: &&Kept| {
            let seat = self.seating.seat(one.member);
            seat.is_some_and(|seat| matches!(atoms.get(usize::from(seat.atom)), Some(Some(_))))
        };
        let mut prints: Vec<(Kept, u128)> = self.kept.iter().filter(drawn_for).map(|one| (*one, 0)).collect();
        fingerprints.print(&mut prints);
        for (one, print) in prints {
            let Some(seat) = self.seating.seat(one.member) else { continue };
            if !seat.shared {
                let atom = atoms.get_mut(usize::from(seat.atom)).and_then(Option::as_mut);
                atom.into_iter().for_each(|atom| *atom = atom.wrapping_add(print));
                continue;
            }
            for cohort in self.seating.cohorts(seat, one.mask).filter(|cohort| is_drawn(*cohort)) {
                let digest = digests.get_mut(cohort);
                digest.into_iter().for_each(|digest| *digest = digest.wrapping_add(print));
            }
        }
        for (seats, atom) in self.seating.atoms().iter().zip(atoms) {
            let Some(atom) = atom else { continue };
            for cohort in seats.iter().map(|cohort| usize::from(*cohort)).filter(|cohort| is_drawn(*cohort)) {
                let digest = digests.get_mut(cohort);
                digest.into_iter().for_each(|digest| *digest = digest.wrapping_add(atom));
            }
        }
    }
}

/// Sorted, each once.
pub fn distinct<T: Ord>(mut items: Vec<T>) -> impl ExactSizeIterator<Item = T> {
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
fn dominate(seating: &Seating, shared: &mut [(Kept, u32)], cohorts: &[Count], share: u32) {
    // (cohort, group, rank, position in `shared`, slot): one run per cohort and group, in the order in which they stay.
    let mut seated: Vec<(usize, u32, u32, usize, usize)> = Vec::new();
    for (position, (one, group)) in shared.iter().enumerate() {
        let Some(seat) = seating.seat(one.member) else { continue };
        let slots = (0..SLOTS).zip(seating.seats(seat)).filter(|(slot, _)| one.mask & 1 << slot != 0);
        let rank = seating.rank(one.member);
        seated.extend(slots.map(|(slot, cohort)| (usize::from(*cohort), *group, rank, position, slot)));
    }
    seated.sort_unstable();
    let size = |of: &[_]| u32::try_from(of.len()).unwrap_or(u32::MAX);
    for of_cohort in seated.chunk_by(|a, b| a.0 == b.0) {
        let unshared =
            of_cohort.first().and_then(|first| cohorts.get(first.0)).map_or(0, |count| count.unshared);
        let all = unshared.saturating_add(size(of_cohort));
        for of_group in of_cohort.chunk_by(|a, b| a.1 == b.1) {
            let own = size(of_group);
            let kept = usize::try_from(stay(own, all - own, share)).unwrap_or(usize::MAX);
            for (_, _, _, position, slot) in of_group.iter().skip(kept) {
                shared.get_mut(*position).into_iter().for_each(|(one, _)| one.mask &= !(1 << slot));
            }
        }
    }
}
