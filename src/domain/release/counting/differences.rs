//! The lists that one cell's numbers stand on: the one of this release, and those of earlier ones on which a number stands
//! that is published again. R9 to R11 ask how many control groups one cohort has on one list and another cohort on another
//! has not. Nearly all organisations are *plain*: they are in the same cohorts on all of the cell's lists and are the only
//! ones of their control group. Of them, differences are differences of counts; only the others, the *special* ones, are
//! looked at one by one.

use super::{
    count::{Counted, distinct},
    respondent::Respondent,
};
use crate::domain::release::cohorts::{
    index::{
        By, ByCohort, CoarserLists, CohortIx, Cohorts, GroupIx, Ix, Kind, ListIx, Lists, MemberIx, Runs,
        SlotIx,
    },
    lattice::{MemberCohorts, SlotSet},
    membership::Memberships,
};

/// The part of an organisation on one list.
#[derive(Debug, Clone, Copy)]
pub struct Part<'s> {
    pub cohorts: &'s MemberCohorts,
    pub group: GroupIx,
    shared: bool,
    counts_in: SlotSet,
}

/// An earlier release's list, by what sets it apart from the one of this release.
pub struct EarlierList<'s> {
    pub memberships: &'s Memberships,
    /// Organisations that only one of the lists has, or that are or count in other cohorts, with what the earlier list has
    /// of them; ascending by member.
    pub moved: Vec<(MemberIx, Option<Respondent>)>,
}

/// One cohort of one list.
#[derive(Debug, Clone, Copy)]
pub struct InList<L: Kind = Lists> {
    pub list: Ix<L>,
    /// The slot of the cohort.
    pub slot: SlotIx,
    pub cohort: CohortIx,
}

/// One cell's lists, each with what sets it apart from the one of this release.
pub struct CellLists<'s> {
    pub now: Counted<'s>,
    /// Ascending.
    special: By<Special, MemberIx>,
    lists: By<Lists, List<'s>>,
    /// Plain organisations by cohort.
    plain: ByCohort<u32>,
}

/// One of the lists.
struct List<'s> {
    special: Parts<'s, Special>,
    /// Control groups by cohort, of an earlier list.
    groups: Option<ByCohort<u32>>,
}

/// The special organisations of one cell's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Special {}

impl Kind for Special {
    type Raw = u32;
}

/// The organisations that are special in a coarser column or in a finer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SpecialInEither {}

impl Kind for SpecialInEither {
    type Raw = u32;
}

/// The parts of special organisations on one list, and those that are in each cohort.
struct Parts<'s, K: Kind> {
    all: By<K, Option<Part<'s>>>,
    inside: Option<Runs<Cohorts, Ix<K>>>,
}

impl<'s, K: Kind> Parts<'s, K> {
    fn new(all: By<K, Option<Part<'s>>>, cohorts: &ByCohort<u32>) -> Self {
        let places = all.iter().filter_map(|(position, part)| Some((position, part.as_ref()?)));
        let inside = places.flat_map(|(position, part)| part.cohorts().map(move |cohort| (cohort, position)));
        // Most cells have no special organisations.
        let inside = (!all.is_empty()).then(|| Runs::new(cohorts, inside));
        Self { inside, all }
    }

    /// The organisations in a cohort, each with its position.
    fn within(&self, cohort: CohortIx) -> impl Iterator<Item = (Ix<K>, &Part<'s>)> {
        let positions = self.inside.as_ref().map(|inside| &inside[cohort]).unwrap_or_default();
        positions.iter().filter_map(|position| Some((*position, self.all[*position].as_ref()?)))
    }
}

impl<'s> Part<'s> {
    fn of(memberships: &'s Memberships, one: &Respondent) -> Option<Self> {
        let membership = memberships.get(one.member)?;
        let group = memberships.group(one.member)?;
        let cohorts = memberships.cohorts(membership);
        Some(Self { cohorts, group, shared: membership.shared, counts_in: one.counts_in })
    }

    fn is_in<L: Kind>(&self, at: InList<L>) -> bool {
        self.counts_in.contains(at.slot) && self.cohorts[at.slot] == Some(at.cohort)
    }

    fn cohorts(&self) -> impl Iterator<Item = CohortIx> + Clone + use<'s> {
        self.counts_in.select(self.cohorts).map(|(_, cohort)| cohort)
    }
}

impl<'s> CellLists<'s> {
    /// The list of this release is the first, where `then` holds none.
    pub fn new(now: Counted<'s>, then: &By<Lists, Option<EarlierList<'s>>>) -> Self {
        let moved = then.values().flatten().flat_map(|list| &list.moved).map(|(member, _)| *member);
        let special = distinct(now.shared.iter().map(|(one, _)| one.member).chain(moved).collect());
        // There are no more of them than members.
        let special: By<Special, MemberIx> = By::new(special.collect()).unwrap_or_default();
        let current = special.map(|position| part(&now, special[position]));
        let mut plain = now.sizes.map(|cohort| now.sizes[cohort].unshared);
        for part in current.values().flatten().filter(|part| !part.shared) {
            part.cohorts().for_each(|cohort| plain[cohort] -= 1);
        }
        let list = |list: &Option<EarlierList<'s>>| {
            let Some(list) = list else {
                return List { special: Parts::new(current.clone(), &plain), groups: None };
            };
            let mut moved = list.moved.iter().peekable();
            let earlier = special.map(|position| match moved.next_if(|(of, _)| *of == special[position]) {
                Some((_, then)) => then.as_ref().and_then(|one| Part::of(list.memberships, one)),
                None => current[position],
            });
            let mut groups = plain.clone();
            let mut shared = Vec::new();
            for part in earlier.values().flatten() {
                if part.shared {
                    shared.extend(part.cohorts().map(|cohort| (cohort, part.group)));
                } else {
                    part.cohorts().for_each(|cohort| groups[cohort] += 1);
                }
            }
            distinct(shared).for_each(|(cohort, _)| groups[cohort] += 1);
            List { special: Parts::new(earlier, &plain), groups: Some(groups) }
        };
        let lists = then.map(|index| list(&then[index]));
        Self { now, special, lists, plain }
    }

    pub fn numbers(&self) -> impl Iterator<Item = ListIx> + Clone + use<'s> {
        self.lists.indices()
    }

    /// The part of everybody on a list.
    pub fn everybody(&self, list: ListIx) -> impl Iterator<Item = Part<'s>> {
        let plain = self.now.respondents.iter().filter(|one| self.special.search(&one.member).is_none());
        let plain = plain.filter_map(|one| Part::of(self.now.memberships, one));
        plain.chain(self.lists[list].special.all.values().copied().flatten())
    }

    /// Control groups of a cohort on a list.
    pub fn groups(&self, list: ListIx, cohort: CohortIx) -> u32 {
        self.lists[list].groups.as_ref().map_or_else(|| self.now.groups(cohort), |groups| groups[cohort])
    }

    /// Counts the control groups that a cohort has and none of the disjoint ones `within` it. Stops at `most`: a result of
    /// `most` or more is a lower bound.
    pub fn outside(&self, held: InList, within: impl Iterator<Item = InList> + Clone, most: u32) -> u32 {
        let inside: u32 = within.clone().map(|one| self.plain[one.cohort]).sum();
        let plain = self.plain[held.cohort].saturating_sub(inside);
        if plain >= most || self.special.is_empty() {
            return plain;
        }
        let outside = self.lists[held.list].special.within(held.cohort).filter_map(|(position, part)| {
            let own = |list: ListIx| self.lists[list].special.all[position].as_ref();
            let is_in = |one: InList| own(one.list).is_some_and(|own| own.is_in(one));
            (!within.clone().any(is_in)).then_some(part.group)
        });
        plain + up_to(most - plain, outside)
    }
}

/// The difference of a coarser column and a finer one of the same technique.
pub struct ColumnDifference<'s> {
    /// By cohort, organisations that are plain in both columns: of the coarser, and those of the finer that the coarser
    /// has too.
    coarser: ByCohort<u32>,
    finer: ByCohort<u32>,
    /// The organisations that are special in one of them, on each list.
    above: By<CoarserLists, Parts<'s, SpecialInEither>>,
    own: By<Lists, Parts<'s, SpecialInEither>>,
}

impl<'s> ColumnDifference<'s> {
    /// `within` says that the finer column's list is known to be part of the coarser one's.
    pub fn new(coarser: &CellLists<'s>, finer: &CellLists<'s>, within: bool) -> Self {
        let special = distinct(coarser.special.values().chain(finer.special.values()).copied().collect());
        let special: By<SpecialInEither, MemberIx> = By::new(special.collect()).unwrap_or_default();
        let (coarser_plain, above) = Self::parts(coarser, &special);
        let (finer_plain, own) = Self::parts(finer, &special);
        let mut this = Self { above: above.of_coarser(), own, coarser: coarser_plain, finer: finer_plain };
        if !within {
            this.leave_strangers(&coarser.now, &finer.now, &special);
        }
        this
    }

    /// By cohort the organisations that are not `special`, and the parts of those that are on each list.
    fn parts(
        lists: &CellLists<'s>,
        special: &By<SpecialInEither, MemberIx>,
    ) -> (ByCohort<u32>, By<Lists, Parts<'s, SpecialInEither>>) {
        let mut plain = lists.plain.clone();
        // The position among the special ones of these lists; or, of an organisation that is plain there, its part on all
        // of them.
        let own = special.map(|position| {
            let member = special[position];
            lists.special.search(&member).ok_or_else(|| part(&lists.now, member))
        });
        for part in own.values().filter_map(|own| own.as_ref().err()?.as_ref()) {
            part.cohorts().for_each(|cohort| plain[cohort] -= 1);
        }
        let of_list = |list: ListIx| {
            let all = own.map(|position| match own[position] {
                Ok(position) => lists.lists[list].special.all[position],
                Err(part) => part,
            });
            Parts::new(all, &lists.plain)
        };
        (plain, lists.lists.map(of_list))
    }

    /// Takes out organisations that the coarser column has not: their value mixes scales there, or is on a scale that few
    /// use.
    fn leave_strangers(
        &mut self,
        coarser: &Counted<'_>,
        finer: &Counted<'_>,
        special: &By<SpecialInEither, MemberIx>,
    ) {
        let mut above = coarser.respondents.iter().map(|one| one.member).peekable();
        for one in &finer.respondents {
            while above.next_if(|member| *member < one.member).is_some() {}
            if above.peek() == Some(&one.member) || special.search(&one.member).is_some() {
                continue;
            }
            finer.cohorts_of(one).for_each(|cohort| self.finer[cohort] -= 1);
        }
    }

    /// Counts the control groups that the coarser column has in a cohort and the finer one has not in another within it.
    /// Stops at `most`: a result of `most` or more is a lower bound.
    pub fn outside(&self, coarser: InList<CoarserLists>, finer: InList, most: u32) -> u32 {
        let plain = self.coarser[coarser.cohort].saturating_sub(self.finer[finer.cohort]);
        if plain >= most {
            return plain;
        }
        let own = &self.own[finer.list];
        let outside = self.above[coarser.list].within(coarser.cohort).filter_map(|(position, part)| {
            let is_in = own.all[position].as_ref().is_some_and(|own| own.is_in(finer));
            (!is_in).then_some(part.group)
        });
        plain + up_to(most - plain, outside)
    }
}

fn part<'s>(counted: &Counted<'s>, member: MemberIx) -> Option<Part<'s>> {
    let position = counted.respondents.binary_search_by_key(&member, |one| one.member).ok()?;
    Part::of(counted.memberships, counted.respondents.get(position)?)
}

/// Counts different control groups; `most` stands for more.
fn up_to(most: u32, groups: impl Iterator<Item = GroupIx>) -> u32 {
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
