//! The lists that one cell's numbers stand on: the one of this release, and those of earlier ones on which a number stands
//! that is published again. R9 to R11 ask how many control groups one cohort has on one list and another cohort on another
//! has not. Nearly all organisations are *plain*: they sit in the same cohorts on all of the cell's lists and are the only
//! ones of their control group. Of them, differences are differences of counts; only the others, the *special* ones, are
//! looked at one by one.

use super::{
    count::{Scan, distinct},
    respondent::Kept,
};
use crate::domain::release::cohorts::{
    lattice::Seats,
    membership::{Seating, taken},
};

/// Where an organisation counts on one list.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    seats: Seats,
    group: u32,
    shared: bool,
    mask: u8,
}

/// An earlier release's list, by what sets it apart from the one of this release.
pub struct Then<'s> {
    pub seating: &'s Seating,
    /// Organisations that only one of the lists has, or that sit or count elsewhere, with what the earlier list has of
    /// them; ascending by member.
    pub moved: Vec<(u32, Option<Kept>)>,
}

/// One cohort of one list, which is given by its number.
#[derive(Debug, Clone, Copy)]
pub struct At {
    pub list: usize,
    /// The slot of the lattice that the cohort is in.
    pub slot: usize,
    pub cohort: usize,
}

pub struct Lists<'s> {
    pub now: Scan<'s>,
    /// Ascending.
    special: Vec<u32>,
    /// Of the special ones, their places on each list.
    places: Vec<Places>,
    /// Of each earlier list, control groups by cohort.
    groups: Vec<Vec<u32>>,
    /// Plain organisations by cohort.
    plain: Vec<u32>,
}

/// The places of some organisations on one list.
#[derive(Default)]
struct Places {
    /// By organisation.
    all: Vec<Option<Place>>,
    /// Of one cohort after the other, the positions in `all` of those that are in it; and where each cohort begins.
    inside: Vec<usize>,
    starts: Vec<usize>,
}

impl Places {
    fn new(all: Vec<Option<Place>>, cohorts: usize) -> Self {
        if all.is_empty() {
            return Self::default();
        }
        let mut starts = vec![0; cohorts + 1];
        for cohort in all.iter().flatten().flat_map(Place::cohorts) {
            starts.get_mut(cohort + 1).into_iter().for_each(|count| *count += 1);
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let (mut next, mut inside) = (starts.clone(), vec![0; total]);
        for (position, place) in all.iter().enumerate() {
            for cohort in place.iter().flat_map(Place::cohorts) {
                let Some(slot) = next.get_mut(cohort) else { continue };
                inside.get_mut(*slot).into_iter().for_each(|inside| *inside = position);
                *slot += 1;
            }
        }
        Self { all, inside, starts }
    }

    fn get(&self, position: usize) -> Option<&Place> {
        self.all.get(position)?.as_ref()
    }

    /// Who is in a cohort, with its position.
    fn within(&self, cohort: usize) -> impl Iterator<Item = (usize, &Place)> {
        let range = || self.inside.get(*self.starts.get(cohort)?..*self.starts.get(cohort + 1)?);
        let positions = range().unwrap_or_default();
        positions.iter().filter_map(|position| Some((*position, self.get(*position)?)))
    }
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
        let cohorts = plain.len();
        let mut places = vec![Places::new(current, cohorts)];
        let mut groups = Vec::new();
        for list in then {
            let mut moved = list.moved.iter().peekable();
            let current = special.iter().zip(places.first().into_iter().flat_map(|places| &places.all));
            let earlier = current.map(|(member, now)| match moved.next_if(|(of, _)| of == member) {
                Some((_, then)) => then.as_ref().and_then(|one| Place::of(list.seating, one)),
                None => *now,
            });
            let earlier: Vec<Option<Place>> = earlier.collect();
            let mut counts = plain.clone();
            let mut count = |cohort: usize| counts.get_mut(cohort).into_iter().for_each(|count| *count += 1);
            let mut shared = Vec::new();
            for place in earlier.iter().flatten() {
                if place.shared {
                    shared.extend(place.cohorts().map(|cohort| (cohort, place.group)));
                } else {
                    place.cohorts().for_each(&mut count);
                }
            }
            distinct(shared).for_each(|(cohort, _)| count(cohort));
            groups.push(counts);
            places.push(Places::new(earlier, cohorts));
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
        let special =
            self.places.get(list).into_iter().flat_map(|places| places.all.iter().copied().flatten());
        plain.chain(special).map(|place| (place.seats, place.group))
    }

    /// Control groups of a cohort on a list.
    pub fn groups(&self, list: usize, cohort: usize) -> u32 {
        match list.checked_sub(1) {
            None => self.now.groups(cohort),
            Some(earlier) => self.groups.get(earlier).map_or(0, |groups| at(groups, cohort)),
        }
    }

    /// Control groups that a cohort has and none of the disjoint ones `within` it; from `most` on it may be less than they
    /// are.
    pub fn outside(&self, held: At, within: impl Iterator<Item = At> + Clone, most: u32) -> u32 {
        let inside: u32 = within.clone().map(|one| at(&self.plain, one.cohort)).sum();
        let plain = at(&self.plain, held.cohort).saturating_sub(inside);
        if plain >= most || self.special.is_empty() {
            return plain;
        }
        let there = self.places.get(held.list).into_iter().flat_map(|places| places.within(held.cohort));
        let outside = there.filter_map(|(position, place)| {
            let own = |list: usize| self.places.get(list)?.get(position);
            let is_in = |one: At| own(one.list).is_some_and(|own| own.is_in(one));
            (!within.clone().any(is_in)).then_some(place.group)
        });
        plain + up_to(most - plain, outside)
    }
}

/// A coarser column's lists and a finer one's of the same technique.
pub struct Columns {
    /// By cohort, organisations that are plain in both columns: of the coarser, and those of the finer that the coarser
    /// has too.
    coarser: Vec<u32>,
    finer: Vec<u32>,
    /// Of the organisations that are special in one of them, the places on each list.
    above: Vec<Places>,
    own: Vec<Places>,
}

impl Columns {
    /// `within` says that the finer column's list is known to be part of the coarser one's.
    pub fn new(coarser: &Lists<'_>, finer: &Lists<'_>, within: bool) -> Self {
        let special: Vec<u32> =
            distinct(coarser.special.iter().chain(&finer.special).copied().collect()).collect();
        let (coarser_plain, above) = Self::places(coarser, &special);
        let (finer_plain, own) = Self::places(finer, &special);
        let mut this = Self { above, own, coarser: coarser_plain, finer: finer_plain };
        if !within {
            this.leave_strangers(&coarser.now, &finer.now, &special);
        }
        this
    }

    /// By cohort the organisations that are not `special`, and of those that are, the places on each list.
    fn places(lists: &Lists<'_>, special: &[u32]) -> (Vec<u32>, Vec<Places>) {
        let mut plain = lists.plain.clone();
        // The position among the special ones of these lists; or, of who is plain there, the place on all of them.
        let own = |member: &u32| {
            let position = lists.special.binary_search(member);
            position.map_err(|_| placed(&lists.now, *member))
        };
        let own: Vec<Result<usize, Option<Place>>> = special.iter().map(own).collect();
        for cohort in own.iter().filter_map(|own| own.as_ref().err()?.as_ref()).flat_map(Place::cohorts) {
            plain.get_mut(cohort).into_iter().for_each(|count| *count -= 1);
        }
        let of_list = |places: &Places| {
            let of = |own: &Result<usize, Option<Place>>| match own {
                Ok(position) => places.get(*position).copied(),
                Err(place) => *place,
            };
            Places::new(own.iter().map(of).collect(), lists.plain.len())
        };
        (plain, lists.places.iter().map(of_list).collect())
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
        let outside = above.within(coarser.cohort).filter_map(|(position, place)| {
            let is_in = own.get(position).is_some_and(|own| own.is_in(finer));
            (!is_in).then_some(place.group)
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
