//! What is fixed for one release before any cell is looked at: who sits in which cohort, which control groups have
//! several organisations, whom R12 leaves out of a cohort, and which cohorts are large enough to be published.

use std::collections::BTreeMap;

use super::{
    Lattice, Parameters, ReleaseKey, Unreleased,
    dominance::stay,
    keyed::MemberKey,
    lattice::{NOWHERE, SLOTS, Seats},
    nested::{Above, reached},
    scan::Scan,
    span,
    unreleased::{Entry, NO_SCALE},
};

/// One member as the counting sees it.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub seats: Seats,
    /// The slots of the cohorts in which it counts; R12 clears bits, and so does a cohort that is not published.
    pub mask: u8,
    /// Position among the control groups that have several organisations; `None` for a group of its own.
    pub shared: Option<u32>,
    /// Its place in the order in which organisations of its control group stay.
    pub rank: u32,
}

impl Seat {
    /// The cohorts of the slots in `mask`.
    pub fn cohorts(&self, mask: u8) -> impl Iterator<Item = usize> {
        (0..SLOTS)
            .zip(self.seats)
            .filter(move |(slot, _)| mask & 1 << slot != 0)
            .map(|(_, seat)| usize::from(seat))
    }

    /// Whether the member counts in a cohort by this mask.
    pub fn is_in(&self, mask: u8, slot: usize, cohort: usize) -> bool {
        mask & 1 << slot != 0 && self.seats.get(slot).is_some_and(|seat| usize::from(*seat) == cohort)
    }
}

pub(super) struct Frame<'a> {
    pub unreleased: &'a Unreleased,
    pub parameters: &'a Parameters,
    pub key: &'a ReleaseKey,
    pub lattice: Lattice,
    pub seats: Vec<Seat>,
    /// Control groups of contributors, by position of the cohort.
    pub groups: Vec<u32>,
    /// Whether the cohort is published at all, by what its members alone decide (R9 to R11b).
    pub published: Vec<bool>,
    /// The column of each technology's family.
    pub families: Vec<u32>,
    member_keys: Vec<MemberKey>,
}

impl<'a> Frame<'a> {
    pub fn new(
        unreleased: &'a Unreleased,
        lattice: Lattice,
        parameters: &'a Parameters,
        key: &'a ReleaseKey,
    ) -> Self {
        let seats = seats(unreleased, &lattice, parameters, key);
        let published = vec![true; lattice.cohorts().len()];
        let member_keys = unreleased.members.iter().map(|m| key.member(m.organisation.as_str())).collect();
        let families = unreleased.layout.technology_families().collect();
        let mut this = Self {
            groups: vec![0; published.len()],
            unreleased,
            parameters,
            key,
            lattice,
            seats,
            published,
            families,
            member_keys,
        };
        this.publish();
        this
    }

    /// Decides which cohorts are published: their members are a cell in which everybody has a value.
    fn publish(&mut self) {
        let everybody = (0_u32..).take(self.seats.len());
        let everybody: Vec<Entry> =
            everybody.map(|member| Entry { member, value: 0, scale: NO_SCALE }).collect();
        let scan = Scan::new(self, &everybody);
        self.groups = scan.groups();
        self.published = span::safe(self, &scan, reached(self, &scan, &[] as &[Above<'_>]));
        for seat in &mut self.seats {
            for (slot, cohort) in (0..SLOTS).zip(seat.seats) {
                if !self.published.get(usize::from(cohort)).copied().unwrap_or_default() {
                    seat.mask &= !(1 << slot);
                }
            }
        }
    }

    pub fn seat(&self, member: u32) -> Option<&Seat> {
        self.seats.get(usize::try_from(member).ok()?)
    }

    pub fn fingerprint(&self, member: u32, value: u8) -> Option<u128> {
        let key = usize::try_from(member).ok().and_then(|member| self.member_keys.get(member));
        key.map(|key| key.fingerprint(value))
    }
}

fn seats(unreleased: &Unreleased, lattice: &Lattice, parameters: &Parameters, key: &ReleaseKey) -> Vec<Seat> {
    let mut by_group: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (position, member) in unreleased.members.iter().enumerate() {
        by_group.entry(&member.control_group).or_default().push(position);
    }
    let mut seats: Vec<Seat> = unreleased
        .members
        .iter()
        .map(|member| {
            let seats = lattice.seats(member);
            let present = (0..SLOTS).zip(seats).filter(|(_, seat)| *seat != NOWHERE);
            Seat { seats, mask: present.fold(0, |mask, (slot, _)| mask | 1 << slot), shared: None, rank: 0 }
        })
        .collect();
    let mut sizes = vec![0_u32; lattice.cohorts().len()];
    for cohort in seats.iter().flat_map(|seat| seat.cohorts(seat.mask)) {
        sizes.get_mut(cohort).into_iter().for_each(|size| *size += 1);
    }
    let shared = by_group.into_iter().filter(|(_, members)| members.len() > 1);
    for ((group, mut members), number) in shared.zip(0_u32..) {
        let order = |position: &usize| {
            let id = unreleased.members.get(*position).map_or("", |member| member.organisation.as_str());
            (key.order(group, id), *position)
        };
        members.sort_by_cached_key(order);
        let mut own: BTreeMap<usize, u32> = BTreeMap::new();
        for seat in members.iter().filter_map(|position| seats.get(*position)) {
            seat.cohorts(seat.mask).for_each(|cohort| *own.entry(cohort).or_default() += 1);
        }
        // How many of the group have been kept per cohort, walking them in the key's order.
        let mut kept: BTreeMap<usize, u32> = BTreeMap::new();
        for (position, rank) in members.into_iter().zip(0_u32..) {
            let Some(seat) = seats.get_mut(position) else { continue };
            seat.shared = Some(number);
            seat.rank = rank;
            let present = seat.mask;
            for (slot, cohort) in (0..SLOTS).zip(seat.seats).filter(|(slot, _)| present & 1 << slot != 0) {
                let cohort = usize::from(cohort);
                let own = own.get(&cohort).copied().unwrap_or_default();
                let others = sizes.get(cohort).copied().unwrap_or_default() - own;
                let kept = kept.entry(cohort).or_default();
                if *kept < stay(own, others, parameters.max_cg_share) {
                    *kept += 1;
                } else {
                    seat.mask &= !(1 << slot);
                }
            }
        }
    }
    seats
}
