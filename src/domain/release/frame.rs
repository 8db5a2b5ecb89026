//! What is fixed for one release before any cell is looked at: who sits in which cohort, which control groups have
//! several organisations, whom R12 leaves out of a cohort, and which cohorts are large enough to be published.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Lattice, Parameters, ReleaseKey, Unreleased,
    dominance::stay,
    lattice::{SLOTS, Seats, bit},
};

/// One member as the counting sees it.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub seats: Seats,
    /// The cohorts (by [`bit`]) in which it counts; R12 clears bits.
    pub mask: u8,
    /// Position among the control groups that have several organisations; `None` for a group of its own.
    pub shared: Option<u32>,
    /// Its place in the order in which organisations of its control group stay.
    pub rank: u32,
}

impl Seat {
    /// The cohorts among `mask` that this member sits in.
    pub fn cohorts(&self, mask: u8) -> impl Iterator<Item = usize> {
        (0..SLOTS)
            .zip(self.seats)
            .filter(move |(slot, _)| mask & (1 << slot) != 0)
            .filter_map(|(_, seat)| seat.map(usize::from))
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
    /// Whether the cohort is published at all: k control groups, and 0 or at least d outside it.
    pub published: Vec<bool>,
    fingerprints: Fingerprints,
}

impl<'a> Frame<'a> {
    pub fn new(
        unreleased: &'a Unreleased,
        lattice: Lattice,
        parameters: &'a Parameters,
        key: &'a ReleaseKey,
    ) -> Self {
        let seats = seats(unreleased, &lattice, parameters, key);
        let cohorts = lattice.cohorts().len();
        let mut groups = vec![0_u32; cohorts];
        let mut shared = BTreeSet::new();
        // Control groups with an organisation that counts in `all` but not in the cohort.
        let mut outside = vec![0_u32; cohorts];
        let mut shared_outside = BTreeSet::new();
        for seat in &seats {
            let mut inside = vec![false; cohorts];
            for cohort in seat.cohorts(seat.mask) {
                inside.get_mut(cohort).into_iter().for_each(|inside| *inside = true);
                if seat.shared.is_none_or(|group| shared.insert((cohort, group))) {
                    groups.get_mut(cohort).into_iter().for_each(|groups| *groups += 1);
                }
            }
            if seat.mask & 1 == 0 {
                continue;
            }
            for (cohort, _) in inside.iter().enumerate().filter(|(_, inside)| !**inside) {
                if seat.shared.is_none_or(|group| shared_outside.insert((cohort, group))) {
                    outside.get_mut(cohort).into_iter().for_each(|outside| *outside += 1);
                }
            }
        }
        let published = groups
            .iter()
            .zip(&outside)
            .map(|(groups, outside)| *groups >= parameters.k && (*outside == 0 || *outside >= parameters.d))
            .collect();
        let fingerprints = Fingerprints::new(unreleased, key);
        Self { unreleased, parameters, key, lattice, seats, groups, published, fingerprints }
    }

    pub fn seat(&self, member: u32) -> Option<&Seat> {
        self.seats.get(usize::try_from(member).ok()?)
    }

    pub fn fingerprint(&self, member: u32, value: u8) -> Option<u128> {
        self.fingerprints.get(member, value)
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
            let mask = (0..SLOTS)
                .zip(seats)
                .filter(|(_, seat)| seat.is_some())
                .fold(0, |mask, (slot, _)| mask | 1 << slot);
            Seat { seats, mask, shared: None, rank: 0 }
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
        // How many of the group have been kept per cohort, walking them in the key's order.
        let mut kept: BTreeMap<usize, u32> = BTreeMap::new();
        let own = members
            .iter()
            .filter_map(|position| seats.get(*position))
            .flat_map(|seat| seat.cohorts(seat.mask));
        let own = own.fold(BTreeMap::<usize, u32>::new(), |mut own, cohort| {
            *own.entry(cohort).or_default() += 1;
            own
        });
        for (position, rank) in members.into_iter().zip(0_u32..) {
            let Some(seat) = seats.get_mut(position) else { continue };
            seat.shared = Some(number);
            seat.rank = rank;
            for (slot, cohort) in
                (0..SLOTS).zip(seat.seats).filter_map(|(slot, seat)| Some((slot, usize::from(seat?))))
            {
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

/// The keyed fingerprint of each (member, value) that occurs, worked out once: a value occurs in many cells.
struct Fingerprints {
    /// Bits of the values that occur, and where the member's fingerprints start.
    members: Vec<(u128, usize)>,
    values: Vec<u128>,
}

impl Fingerprints {
    fn new(unreleased: &Unreleased, key: &ReleaseKey) -> Self {
        let mut members = vec![(0_u128, 0_usize); unreleased.members.len()];
        for entry in unreleased.all_entries() {
            if let Some((bits, _)) =
                usize::try_from(entry.member).ok().and_then(|member| members.get_mut(member))
            {
                *bits |= 1 << entry.value.min(127);
            }
        }
        let mut values = Vec::new();
        for ((bits, start), member) in members.iter_mut().zip(&unreleased.members) {
            *start = values.len();
            let occurring = (0..128_u8).filter(|value| *bits & (1 << value) != 0);
            values.extend(occurring.map(|value| key.fingerprint(member.organisation.as_str(), value)));
        }
        Self { members, values }
    }

    fn get(&self, member: u32, value: u8) -> Option<u128> {
        let (bits, start) = self.members.get(usize::try_from(member).ok()?)?;
        let below = bits & ((1_u128 << value.min(127)) - 1);
        self.values.get(start + usize::try_from(below.count_ones()).ok()?).copied()
    }
}

/// The cohort's bit in a member's mask, by position.
pub(super) fn bits(lattice: &Lattice) -> Vec<u8> {
    lattice.cohorts().iter().map(bit).collect()
}
