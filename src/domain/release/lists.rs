//! The lists that one cell's numbers stand on: the one of this release, and those of earlier ones on which a number stands
//! that is published again. R9 to R11 ask how many control groups one cohort has on one list and another cohort on another
//! has not. Nearly all organisations are *plain*: they sit in the same cohorts on all of the cell's lists and are the only
//! ones of their control group. Of them, differences are differences of counts; only the others, the *special* ones, are
//! looked at one by one.

use super::{
    lattice::Seats,
    scan::{Kept, Scan, distinct},
    seating::{Seating, taken},
};

/// Where an organisation counts on one list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    seats: Seats,
    group: u32,
    shared: bool,
    mask: u8,
}

/// An earlier release's list, by what sets it apart from the one of this release.
pub(super) struct Then<'s> {
    pub seating: &'s Seating,
    /// Organisations that only one of the lists has, or that sit or count elsewhere, with what the earlier list has of
    /// them; ascending by member.
    pub moved: Vec<(u32, Option<Kept>)>,
}

/// One cohort of one list, which is given by its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub list: usize,
    /// The slot of the lattice that the cohort is in.
    pub slot: usize,
    pub cohort: usize,
}

pub(super) struct Lists<'s> {
    pub now: Scan<'s>,
    /// Ascending.
    special: Vec<u32>,
    /// Of the special ones, their places on each list.
    places: Vec<Vec<Option<Place>>>,
    /// Of each earlier list, control groups by cohort.
    groups: Vec<Vec<u32>>,
    /// Plain organisations by cohort.
    plain: Vec<u32>,
}

impl Place {
    fn of(seating: &Seating, one: &Kept) -> Option<Self> {
        let seat = seating.seat(one.member)?;
        let group = seating.group(one.member);
        Some(Self { seats: *seating.seats(seat), group, shared: seat.shared, mask: one.mask })
    }

    fn is_in(&self, at: At) -> bool {
        self.mask & 1 << at.slot != 0
            && self.seats.get(at.slot).is_some_and(|seat| usize::from(*seat) == at.cohort)
    }

    fn cohorts(&self) -> impl Iterator<Item = usize> {
        taken(&self.seats, self.mask)
    }
}

impl<'s> Lists<'s> {
    /// List 0 is `now`, the others follow in their order.
    pub fn new(now: Scan<'s>, then: &[Then<'s>]) -> Self {
        let moved = then.iter().flat_map(|list| &list.moved).map(|(member, _)| *member);
        let special: Vec<u32> =
            distinct(now.shared.iter().map(|(one, _)| one.member).chain(moved).collect()).collect();
        let current: Vec<Option<Place>> = special.iter().map(|member| placed(&now, *member)).collect();
        let mut plain: Vec<u32> = now.cohorts.iter().map(|count| count.unshared).collect();
        for place in current.iter().flatten().filter(|place| !place.shared) {
            for cohort in place.cohorts() {
                plain.get_mut(cohort).into_iter().for_each(|count| *count -= 1);
            }
        }
        let mut places = vec![current];
        let mut groups = Vec::new();
        for list in then {
            let mut moved = list.moved.iter().peekable();
            let current = special.iter().zip(places.first().into_iter().flatten());
            let earlier = current.map(|(member, now)| match moved.next_if(|(of, _)| of == member) {
                Some((_, then)) => then.as_ref().and_then(|one| Place::of(list.seating, one)),
                None => *now,
            });
            let earlier: Vec<Option<Place>> = earlier.collect();
            let mut counts = plain.clone();
            let of_special = earlier.iter().flatten();
            let of_special = of_special.flat_map(|place| place.cohorts().map(|cohort| (cohort, place.group)));
            for (cohort, _) in distinct(of_special.collect()) {
                counts.get_mut(cohort).into_iter().for_each(|count| *count += 1);
            }
            groups.push(counts);
            places.push(earlier);
        }
        Self { now, special, places, groups, plain }
    }

    pub fn numbers(&self) -> std::ops::Range<usize> {
        0..self.places.len()
    }

    /// The cohorts and the control group of everybody on a list.
    pub fn seats(&self, list: usize) -> impl Iterator<Item = (Seats, u32)> {
        let plain = self.now.kept.iter().filter(|one| self.special.binary_search(&one.member).is_err());
        let plain = plain.filter_map(|one| Place::of(self.now.seating, one));
        let special = self.places(list).iter().copied().flatten();
        plain.chain(special).map(|place| (place.seats, place.group))
    }

    /// Control groups of a cohort on a list.
    pub fn groups(&self, list: usize, cohort: usize) -> u32 {
        match list.checked_sub(1) {
            None => self.now.groups(cohort),
            Some(earlier) => self.groups.get(earlier).map_or(0, |groups| at(groups, cohort)),
        }
    }

    fn places(&self, list: usize) -> &[Option<Place>] {
        self.places.get(list).map(Vec::as_slice).unwrap_or_default()
    }

    /// Control groups that a cohort has and none of the disjoint ones `within` it; from `most` on it may be less than they
    /// are.
    pub fn outside(&self, held: At, within: impl Iterator<Item = At> + Clone, most: u32) -> u32 {
        let inside: u32 = within.clone().map(|one| at(&self.plain, one.cohort)).sum();
        let plain = at(&self.plain, held.cohort).saturating_sub(inside);
        if plain >= most || self.special.is_empty() {
            return plain;
        }
        let outside = self.places(held.list).iter().enumerate().filter_map(|(position, place)| {
            let place = place.as_ref().filter(|place| place.is_in(held))?;
            let is_in = |one: At| {
                self.places(one.list).get(position).copied().flatten().is_some_and(|own| own.is_in(one))
            };
            (!within.clone().any(is_in)).then_some(place.group)
        });
        plain + up_to(most - plain, outside)
    }
}

/// A coarser column's lists and a finer one's of the same technique.
pub(super) struct Columns {
    /// By cohort, organisations that are plain in both columns: of the coarser, and those of the finer that the coarser
    /// has too.
    coarser: Vec<u32>,
    finer: Vec<u32>,
    /// Of the organisations that are special in one of them, the places on each list.
    above: Vec<Vec<Option<Place>>>,
    own: Vec<Vec<Option<Place>>>,
}

impl Columns {
    /// `within` says that the finer column's list is known to be part of the coarser one's.
    pub fn new(coarser: &Lists<'_>, finer: &Lists<'_>, within: bool) -> Self {
        let special: Vec<u32> =
            distinct(coarser.special.iter().chain(&finer.special).copied().collect()).collect();
        let mut this = Self {
            above: Self::places(coarser, &special),
            own: Self::places(finer, &special),
            coarser: Self::plain(coarser, &special),
            finer: Self::plain(finer, &special),
        };
        if !within {
            this.leave_strangers(&coarser.now, &finer.now, &special);
        }
        this
    }

    fn places(lists: &Lists<'_>, special: &[u32]) -> Vec<Vec<Option<Place>>> {
        let own = |member: &u32| lists.special.binary_search(member).ok();
        let of_list = |places: &Vec<Option<Place>>| {
            let of = |member: &u32| match own(member) {
                Some(position) => places.get(position).copied().flatten(),
                None => placed(&lists.now, *member),
            };
            special.iter().map(of).collect()
        };
        lists.places.iter().map(of_list).collect()
    }

    fn plain(lists: &Lists<'_>, special: &[u32]) -> Vec<u32> {
        let mut plain = lists.plain.clone();
        for member in special.iter().filter(|member| lists.special.binary_search(member).is_err()) {
            for cohort in placed(&lists.now, *member).iter().flat_map(Place::cohorts) {
                plain.get_mut(cohort).into_iter().for_each(|count| *count -= 1);
            }
        }
        plain
    }

    /// Organisations that the coarser column has not: their value mixes scales there, or is on a scale that few use.
    fn leave_strangers(&mut self, coarser: &Scan<'_>, finer: &Scan<'_>, special: &[u32]) {
        let mut above = coarser.kept.iter().map(|one| one.member).peekable();
        for one in &finer.kept {
            while above.next_if(|member| *member < one.member).is_some() {}
            if above.peek() == Some(&one.member) || special.binary_search(&one.member).is_ok() {
                continue;
            }
            for cohort in finer.cohorts_of(one) {
                self.finer.get_mut(cohort).into_iter().for_each(|count| *count -= 1);
            }
        }
    }

    /// Control groups that the coarser column has in a cohort and the finer one has not in another within it; from `most` on
    /// it may be less than they are.
    pub fn outside(&self, coarser: At, finer: At, most: u32) -> u32 {
        let plain = at(&self.coarser, coarser.cohort).saturating_sub(at(&self.finer, finer.cohort));
        if plain >= most {
            return plain;
        }
        let (Some(above), Some(own)) = (self.above.get(coarser.list), self.own.get(finer.list)) else {
            return plain;
        };
        let outside = above.iter().zip(own).filter_map(|(above, own)| {
            let above = above.as_ref().filter(|place| place.is_in(coarser))?;
            (!own.as_ref().is_some_and(|own| own.is_in(finer))).then_some(above.group)
        });
        plain + up_to(most - plain, outside)
    }
}

fn at(counts: &[u32], cohort: usize) -> u32 {
    counts.get(cohort).copied().unwrap_or_default()
}

fn placed(scan: &Scan<'_>, member: u32) -> Option<Place> {
    let position = scan.kept.binary_search_by_key(&member, |one| one.member).ok()?;
    Place::of(scan.seating, scan.kept.get(position)?)
}

/// How many different control groups there are; `most` stands for more.
fn up_to(most: u32, groups: impl Iterator<Item = u32>) -> u32 {
    let mut seen = Vec::new();
    let mut count = 0;
    for group in groups {
        if count == most {
            break;
        }
        if !seen.contains(&group) {
            seen.push(group);
            count += 1;
        }
    }
    count
}
