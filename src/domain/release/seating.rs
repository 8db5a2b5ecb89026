//! Who sits in which cohort, now or at an earlier release, and whom R12 leaves out of a cohort.

use std::collections::{BTreeMap, HashMap};

use super::{
    Lattice, Parameters, ReleaseKey, Rule, Unreleased,
    dominance::stay,
    footing::{Footed, Head},
    lattice::{NOWHERE, SLOTS, Seats},
};

/// One organisation as the counting sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    pub seats: Seats,
    /// The slots of the cohorts in which it counts; R12 clears bits.
    pub mask: u8,
    /// The number of its control group.
    pub group: u32,
    /// Whether the group has several organisations here.
    pub shared: bool,
    /// Its place in the order in which organisations of its control group stay.
    pub rank: u32,
}

impl Seat {
    const ABSENT: Self = Self { seats: [NOWHERE; SLOTS], mask: 0, group: u32::MAX, shared: false, rank: 0 };

    /// The cohorts of the slots in `mask`.
    pub fn cohorts(&self, mask: u8) -> impl Iterator<Item = usize> + use<> {
        let taken = (0..SLOTS).zip(self.seats).filter(move |(slot, _)| mask & 1 << slot != 0);
        taken.map(|(_, seat)| usize::from(seat))
    }

    /// Whether it is in the same cohorts and in the same control group, alone there or not.
    pub fn is_like(&self, other: &Self) -> bool {
        (self.seats, self.group, self.shared) == (other.seats, other.group, other.shared)
    }

    /// Whether the organisation counts in a cohort by this mask.
    pub fn is_in(&self, mask: u8, slot: usize, cohort: usize) -> bool {
        mask & 1 << slot != 0 && self.seats.get(slot).is_some_and(|seat| usize::from(*seat) == cohort)
    }
}

/// The seats of one release, by the numbers of [`Numbers`].
#[derive(Debug)]
pub(super) struct Seating(Vec<Seat>);

/// Numbers for organisations and control groups that hold across releases: members of this release have their position,
/// those that left follow.
#[derive(Debug, Default)]
pub(super) struct Numbers {
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
        let mut seats = Vec::with_capacity(unreleased.members.len());
        let mut footed = Vec::with_capacity(unreleased.members.len());
        for (position, member) in unreleased.members.iter().enumerate() {
            by_group.entry(&member.control_group).or_default().push(position);
            let own = lattice.seats(member);
            let present = (0..SLOTS).zip(own).filter(|(_, seat)| *seat != NOWHERE);
            let mask = present.fold(0, |mask, (slot, _)| mask | 1 << slot);
            let organisation = key.pseudonym("organisation/1", member.organisation.as_str());
            let group = key.pseudonym("control-group/1", &member.control_group);
            numbered(&mut numbers.organisations, organisation);
            let number = numbered(&mut numbers.groups, group);
            seats.push(Seat { seats: own, mask, group: number, shared: false, rank: 0 });
            footed.push(Footed { organisation, group, seats: own });
        }
        let mut this = Self(seats);
        this.dominate(unreleased, by_group, lattice, parameters, key);
        (this, footed)
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
        let seats = &mut self.0;
        let mut sizes = vec![0_u32; lattice.cohorts().len()];
        for cohort in seats.iter().flat_map(|seat| seat.cohorts(seat.mask)) {
            sizes.get_mut(cohort).into_iter().for_each(|size| *size += 1);
        }
        for (group, mut members) in by_group.into_iter().filter(|(_, members)| members.len() > 1) {
            members.sort_by_cached_key(|position| {
                let id = unreleased.members.get(*position).map_or("", |member| member.organisation.as_str());
                (key.order(group, id), *position)
            });
            let mut own: BTreeMap<usize, u32> = BTreeMap::new();
            for seat in members.iter().filter_map(|position| seats.get(*position)) {
                seat.cohorts(seat.mask).for_each(|cohort| *own.entry(cohort).or_default() += 1);
            }
            let mut kept: BTreeMap<usize, u32> = BTreeMap::new();
            for (position, rank) in members.into_iter().zip(0_u32..) {
                let Some(seat) = seats.get_mut(position) else { continue };
                (seat.shared, seat.rank) = (true, rank);
                let present = seat.mask;
                for (slot, cohort) in (0..SLOTS).zip(seat.seats).filter(|(slot, _)| present & 1 << slot != 0)
                {
                    let cohort = usize::from(cohort);
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
    pub fn past(head: &Head, lattice: &Lattice, numbers: &mut Numbers) -> (Self, Vec<u32>) {
        let positions: Vec<u16> =
            head.cohorts.iter().map(|cohort| lattice.position(cohort).unwrap_or(NOWHERE)).collect();
        let mut sizes: HashMap<u64, u32> = HashMap::new();
        head.members.iter().for_each(|member| *sizes.entry(member.group).or_default() += 1);
        let ids: Vec<u32> = head
            .members
            .iter()
            .map(|member| numbered(&mut numbers.organisations, member.organisation))
            .collect();
        let mut seats = vec![Seat::ABSENT; numbers.organisations.len()];
        for (member, id) in head.members.iter().zip(&ids) {
            let seat = |seat: u16| positions.get(usize::from(seat)).copied().unwrap_or(NOWHERE);
            let own = member.seats.map(seat);
            let present = (0..SLOTS).zip(own).filter(|(_, seat)| *seat != NOWHERE);
            let mask = present.fold(0, |mask, (slot, _)| mask | 1 << slot);
            let shared = sizes.get(&member.group).is_some_and(|size| *size > 1);
            let group = numbered(&mut numbers.groups, member.group);
            let slot = usize::try_from(*id).ok().and_then(|id| seats.get_mut(id));
            slot.into_iter().for_each(|slot| *slot = Seat { seats: own, mask, group, shared, rank: 0 });
        }
        (Self(seats), ids)
    }

    #[cfg(test)]
    pub fn of(seats: Vec<Seat>) -> Self {
        Self(seats)
    }

    pub fn seat(&self, member: u32) -> Option<&Seat> {
        self.0.get(usize::try_from(member).ok()?)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Seat> {
        self.0.iter()
    }
}
