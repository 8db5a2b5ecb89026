//! Who sits in which cohort, now or at an earlier release, and whom R12 leaves out of a cohort.

use std::collections::{BTreeMap, HashMap};

use super::lattice::{Lattice, NOWHERE, SLOTS, Seats};
use crate::domain::{
    cohort::Cohort,
    release::{
        parameters::{Parameters, Rule},
        release_key::ReleaseKey,
        rules::dominance::stay,
        values::unreleased::Unreleased,
    },
};

/// One organisation as the counting sees it, in four bytes: nearly everything that a release does goes through all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Its atom: organisations of one atom are in the same cohorts.
    pub atom: u16,
    /// The slots of the cohorts in which it counts; R12 clears bits.
    pub mask: u8,
    /// Whether its control group has several organisations here.
    pub shared: bool,
}

/// The seats of one release, by the numbers of [`Numbers`].
#[derive(Debug, Default)]
pub struct Seating {
    seats: Vec<Seat>,
    /// The number of each one's control group.
    groups: Vec<u32>,
    /// Its place in the order in which organisations of its control group stay.
    ranks: Vec<u32>,
    atoms: Atoms,
}

/// An organisation of an earlier release, by pseudonyms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footed {
    pub organisation: u64,
    pub group: u64,
    /// Positions in that release's cohorts.
    pub seats: Seats,
}

/// The finest cohorts, each as the cohorts that it is in.
#[derive(Debug, Default)]
struct Atoms {
    seats: Vec<Seats>,
    numbers: HashMap<Seats, u16>,
}

impl Atoms {
    fn number(&mut self, seats: Seats) -> u16 {
        if let Some(number) = self.numbers.get(&seats) {
            return *number;
        }
        // More than there can be would be in no cohort.
        let number = u16::try_from(self.seats.len()).unwrap_or(u16::MAX);
        if number < u16::MAX {
            self.seats.push(seats);
            self.numbers.insert(seats, number);
        }
        number
    }
}

/// The slots that have a cohort.
fn present(seats: &Seats) -> u8 {
    let present = (0..SLOTS).zip(seats).filter(|(_, seat)| **seat != NOWHERE);
    present.fold(0, |mask, (slot, _)| mask | 1 << slot)
}

/// Numbers for organisations and control groups that hold across releases: members of this release have their position,
/// those that left follow.
#[derive(Debug, Default)]
pub struct Numbers {
    organisations: HashMap<u64, u32>,
    groups: HashMap<u64, u32>,
}

fn numbered(known: &mut HashMap<u64, u32>, pseudonym: u64) -> u32 {
    let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
    *known.entry(pseudonym).or_insert(next)
}

impl Seating {
    /// The members of this release, and what to keep of them.
    pub fn now(
        unreleased: &Unreleased,
        lattice: &Lattice,
        parameters: &Parameters,
        key: &ReleaseKey,
        numbers: &mut Numbers,
    ) -> (Self, Vec<Footed>) {
        let mut by_group: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut this = Self::default();
        let mut footed = Vec::with_capacity(unreleased.members.len());
        for (position, member) in unreleased.members.iter().enumerate() {
            by_group.entry(&member.control_group).or_default().push(position);
            let seats = lattice.seats(member);
            let organisation = key.pseudonym("organisation/1", member.organisation.as_str());
            let group = key.pseudonym("control-group/1", &member.control_group);
            numbered(&mut numbers.organisations, organisation);
            this.push(seats, numbered(&mut numbers.groups, group), false);
            footed.push(Footed { organisation, group, seats });
        }
        this.dominate(unreleased, by_group, lattice, parameters, key);
        (this, footed)
    }

    /// The next organisation.
    pub fn push(&mut self, seats: Seats, group: u32, shared: bool) {
        self.seats.push(Seat { atom: self.atoms.number(seats), mask: present(&seats), shared });
        self.groups.push(group);
        self.ranks.push(0);
    }

    /// R12: in every cohort only so many organisations of one control group stay, in the key's order.
    fn dominate(
        &mut self,
        unreleased: &Unreleased,
        by_group: BTreeMap<&str, Vec<usize>>,
        lattice: &Lattice,
        parameters: &Parameters,
        key: &ReleaseKey,
    ) {
        let mut sizes = vec![0_u32; lattice.cohorts().len()];
        for cohort in self.seats.iter().flat_map(|seat| self.cohorts(*seat, seat.mask)) {
            sizes.get_mut(cohort).into_iter().for_each(|size| *size += 1);
        }
        for (group, mut members) in by_group.into_iter().filter(|(_, members)| members.len() > 1) {
            members.sort_by_cached_key(|position| {
                let id = unreleased.members.get(*position).map_or("", |member| member.organisation.as_str());
                (key.order(group, id), *position)
            });
            let mut own: BTreeMap<usize, u32> = BTreeMap::new();
            for seat in members.iter().filter_map(|position| self.seats.get(*position)) {
                self.cohorts(*seat, seat.mask).for_each(|cohort| *own.entry(cohort).or_default() += 1);
            }
            let mut kept: BTreeMap<usize, u32> = BTreeMap::new();
            for (position, rank) in members.into_iter().zip(0_u32..) {
                let Some(seat) = self.seats.get_mut(position) else { continue };
                self.ranks.get_mut(position).into_iter().for_each(|slot| *slot = rank);
                seat.shared = true;
                let Some(seats) = self.atoms.seats.get(usize::from(seat.atom)) else { continue };
                let present = seat.mask;
                for (slot, cohort) in (0..SLOTS).zip(seats).filter(|(slot, _)| present & 1 << slot != 0) {
                    let cohort = usize::from(*cohort);
                    let own = own.get(&cohort).copied().unwrap_or_default();
                    let others = sizes.get(cohort).copied().unwrap_or_default() - own;
                    let kept = kept.entry(cohort).or_default();
                    if *kept < stay(own, others, parameters.max_cg_share) || !parameters.holds(Rule::R12) {
                        *kept += 1;
                    } else {
                        seat.mask &= !(1 << slot);
                    }
                }
            }
        }
    }

    /// The members of an earlier release in the cohorts of this one's lattice, and their numbers by their position there.
    pub fn past(
        cohorts: &[Cohort],
        members: &[Footed],
        lattice: &Lattice,
        numbers: &mut Numbers,
    ) -> (Self, Vec<u32>) {
        let positions: Vec<u16> =
            cohorts.iter().map(|cohort| lattice.position(cohort).unwrap_or(NOWHERE)).collect();
        let mut sizes: HashMap<u64, u32> = HashMap::new();
        members.iter().for_each(|member| *sizes.entry(member.group).or_default() += 1);
        let ids: Vec<u32> =
            members.iter().map(|member| numbered(&mut numbers.organisations, member.organisation)).collect();
        let mut this = Self::default();
        for _ in 0..numbers.organisations.len() {
            this.push([NOWHERE; SLOTS], u32::MAX, false);
        }
        for (member, id) in members.iter().zip(&ids) {
            let seat = |seat: u16| positions.get(usize::from(seat)).copied().unwrap_or(NOWHERE);
            let seats = member.seats.map(seat);
            let shared = sizes.get(&member.group).is_some_and(|size| *size > 1);
            let seat = Seat { atom: this.atoms.number(seats), mask: present(&seats), shared };
            let Ok(position) = usize::try_from(*id) else { continue };
            this.seats.get_mut(position).into_iter().for_each(|slot| *slot = seat);
            let group = numbered(&mut numbers.groups, member.group);
            this.groups.get_mut(position).into_iter().for_each(|slot| *slot = group);
        }
        (this, ids)
    }

    pub fn seat(&self, member: u32) -> Option<Seat> {
        self.seats.get(usize::try_from(member).ok()?).copied()
    }

    /// The number of an organisation's control group.
    pub fn group(&self, member: u32) -> u32 {
        let of = usize::try_from(member).ok().and_then(|member| self.groups.get(member));
        of.copied().unwrap_or(u32::MAX)
    }

    pub fn rank(&self, member: u32) -> u32 {
        usize::try_from(member).ok().and_then(|member| self.ranks.get(member)).copied().unwrap_or_default()
    }

    /// The cohorts of each atom, by slot.
    pub fn atoms(&self) -> &[Seats] {
        &self.atoms.seats
    }

    /// All cohorts that an organisation is in, by slot.
    pub fn seats(&self, seat: Seat) -> &Seats {
        const ABSENT: &Seats = &[NOWHERE; SLOTS];
        self.atoms.seats.get(usize::from(seat.atom)).unwrap_or(ABSENT)
    }

    /// The cohorts of the slots in `mask`.
    pub fn cohorts(&self, seat: Seat, mask: u8) -> impl Iterator<Item = usize> + use<'_> {
        taken(self.seats(seat), mask)
    }

    /// Whether an organisation is in the same cohorts and in the same control group as it was, alone there or not.
    pub fn is_settled(&self, then: &Self, member: u32) -> bool {
        self.seat(member).zip(then.seat(member)).is_some_and(|(a, b)| {
            a.shared == b.shared && self.group(member) == then.group(member) && self.seats(a) == then.seats(b)
        })
    }

    /// By number, whether an organisation is the only one of its control group, here and in another seating.
    pub fn alone_with(&self, other: &Self) -> Vec<bool> {
        const SEVERAL: u32 = u32::MAX;
        let everybody = || [self, other].into_iter().flat_map(|seating| seating.groups.iter().zip(0_u32..));
        let mut owners: HashMap<u32, u32> = HashMap::new();
        for (group, member) in everybody() {
            let owner = owners.entry(*group).or_insert(member);
            *owner = if *owner == member { member } else { SEVERAL };
        }
        let mut alone = vec![true; self.groups.len().max(other.groups.len())];
        for (group, member) in everybody() {
            // Who is not in a seating has no control group there.
            let is_alone = *group == u32::MAX || owners.get(group) == Some(&member);
            let slot = usize::try_from(member).ok().and_then(|member| alone.get_mut(member));
            slot.into_iter().for_each(|alone| *alone &= is_alone);
        }
        alone
    }

    pub fn len(&self) -> usize {
        self.seats.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = Seat> {
        self.seats.iter().copied()
    }
}

/// The cohorts of the slots in `mask`.
pub fn taken(seats: &Seats, mask: u8) -> impl Iterator<Item = usize> + use<'_> {
    let taken = (0..SLOTS).zip(seats).filter(move |(slot, _)| mask & 1 << slot != 0);
    taken.map(|(_, seat)| usize::from(*seat))
}
