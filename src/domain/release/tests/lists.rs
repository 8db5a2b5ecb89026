//! Differences of lists, against their definition.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::domain::{
    dimension::{Dimension, Dimensions},
    organisation::OrganisationId,
    release::{
        Lattice, Member, Parameters, Preset,
        cohorts::{
            index::{By, GroupIx, Groups, ListIx, MemberIx},
            membership::Memberships,
        },
        counting::{
            count::Counted,
            differences::{CellLists, ColumnDifference, EarlierList, InList},
            respondent::Respondent,
        },
        values::entry::{Entry, NO_SCALE},
    },
};

const MEMBERS: usize = 24;

/// A member's sector, size, region and control group.
type Attributes = [u8; 4];

fn dimensions() -> Dimensions {
    Dimensions::default().with(Dimension::SECTOR, vec!["a".to_owned(), "b".to_owned()]).unwrap()
}

pub(super) fn memberships(lattice: &Lattice, attributes: &[Attributes]) -> Memberships {
    let dimensions = dimensions();
    let value = |dimension, number: u8| dimensions.values(dimension)[usize::from(number)].clone();
    let mut memberships = Memberships::default();
    let groups: By<Groups, ()> = By::new(vec![(); 256]).unwrap();
    for [sector, size, region, group] in attributes {
        let cohorts = lattice.of_member(&Member {
            organisation: OrganisationId::new("any"),
            control_group: String::new(),
            dimensions: Dimension::ALL
                .into_iter()
                .zip([sector, size, region])
                .map(|(dimension, number)| (dimension, value(dimension, *number)))
                .collect(),
            writers: Vec::new(),
        });
        let shared = attributes.iter().filter(|other| other[3] == *group).count() > 1;
        memberships.push(cohorts, groups.index_of((*group).into()).unwrap(), shared).unwrap();
    }
    memberships
}

fn counted<'s>(memberships: &'s Memberships, lattice: &Lattice, present: &[bool]) -> Counted<'s> {
    let members = memberships.indices().zip(present).filter(|(_, present)| **present);
    let entries: Vec<Entry> =
        members.map(|(member, _)| Entry { member, value: 0, scale: NO_SCALE }).collect();
    Counted::new(memberships, lattice, (&entries, NO_SCALE), &Parameters::preset(Preset::Default)).unwrap()
}

/// An earlier list with slots of its own, as the rest of the release says what sets it apart.
fn then<'s>(now: &Counted<'_>, memberships: &'s Memberships, list: &[Respondent]) -> EarlierList<'s> {
    let find = |list: &[Respondent], member| list.iter().find(|one| one.member == member).copied();
    let moved = memberships.indices().filter_map(|member| {
        let (before, after) = (find(list, member), find(&now.respondents, member));
        let alike = now.memberships.is_settled(memberships, member);
        let same = match (before, after) {
            (Some(before), Some(after)) => alike && before.counts_in == after.counts_in,
            (None, None) => true,
            _ => false,
        };
        (!same).then_some((member, before))
    });
    EarlierList { memberships, moved: moved.collect() }
}

/// One cohort of a list.
type Of<'s> = (&'s Memberships, &'s [Respondent], InList);

/// The definition: control groups of the organisations that count in one cohort and in none of the others.
fn reference(held: Of<'_>, within: &[Of<'_>]) -> u32 {
    let is_in = |(memberships, list, at): &Of<'_>, member: MemberIx| {
        let one = list.iter().find(|one| one.member == member);
        let cohorts = memberships.cohorts(memberships.get(member).unwrap());
        one.is_some_and(|one| one.counts_in.contains(at.slot) && cohorts[at.slot] == Some(at.cohort))
    };
    let outside = held
        .1
        .iter()
        .map(|one| one.member)
        .filter(|member| is_in(&held, *member) && !within.iter().any(|one| is_in(one, *member)));
    let groups: BTreeSet<GroupIx> = outside.map(|member| held.0.group(member).unwrap()).collect();
    u32::try_from(groups.len()).unwrap()
}

fn attributes() -> impl Strategy<Value = Attributes> {
    [0..2_u8, 0..2_u8, 0..2_u8, 0..40_u8]
}

proptest! {
    #[test]
    fn differences_are_what_they_are_one_by_one(
        of_now in proptest::collection::vec(attributes(), MEMBERS),
        others in proptest::collection::vec(attributes(), MEMBERS),
        kinds in proptest::collection::vec(any::<u16>(), MEMBERS),
    ) {
        let lattice = Lattice::new(&dimensions(), true).unwrap();
        // One member in eight had other attributes; values come and go, and R12 left out what it did.
        let bit = |shift: u16| -> Vec<bool> { kinds.iter().map(|kind| kind >> shift & 1 == 1).collect() };
        let mixed = |a: u16, b: u16| -> Vec<bool> {
            kinds.iter().map(|kind| kind >> a & 3 != 0 && kind >> b & 1 == 1).collect()
        };
        let before: Vec<Attributes> = of_now.iter().zip(&others).zip(&kinds)
            .map(|((now, other), kind)| if kind & 7 == 0 { *other } else { *now }).collect();
        let (now, past) = (memberships(&lattice, &of_now), memberships(&lattice, &before));
        let counted = || {
            let coarse = [counted(&now, &lattice, &bit(3)), counted(&past, &lattice, &mixed(4, 3))];
            [coarse, [counted(&now, &lattice, &mixed(6, 9)), counted(&past, &lattice, &mixed(10, 9))]]
        };
        let [coarse, fine] = counted();
        let [coarser, finer] = counted().map(|[new, old]| {
            let then = then(&new, &past, &old.respondents);
            CellLists::new(new, &By::new(vec![None, Some(then)]).unwrap())
        });
        let columns = ColumnDifference::new(&coarser, &finer, false);
        let at = |list, cohort| InList { list, slot: lattice.slot(cohort), cohort };
        let numbers: Vec<ListIx> = finer.numbers().collect();
        let of = |of: &'static str, list: ListIx| -> (&Memberships, &[Respondent]) {
            let lists = if of == "coarse" { &coarse } else { &fine };
            ([&now, &past][list.position()], &lists[list.position()].respondents)
        };
        for cohort in lattice.by_cohort().indices() {
            for list in numbers.iter().copied() {
                let (memberships, list_of) = of("fine", list);
                let expected = reference((memberships, list_of, at(list, cohort)), &[]);
                prop_assert_eq!(finer.groups(list, cohort), expected);
            }
            for held in lattice.coarser(cohort).iter().copied().chain([cohort]) {
                for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let (a, b) = (numbers[a], numbers[b]);
                    let (held, within) = (at(a, held), at(b, cohort));
                    let (memberships, list) = of("fine", b);
                    let inside = [(memberships, list, within)];
                    let (memberships, list) = of("fine", a);
                    prop_assert_eq!(
                        finer.outside(held, std::iter::once(within), 99), reference((memberships, list, held), &inside)
                    );
                    let (memberships, list) = of("coarse", a);
                    let coarser = InList { list: a.of_coarser(), slot: held.slot, cohort: held.cohort };
                    let expected = reference((memberships, list, held), &inside);
                    prop_assert_eq!(columns.outside(coarser, within, 99), expected);
                }
            }
        }
        for split in lattice.levels().iter().flat_map(|level| &level.splits) {
            for lists in 0..8_usize {
                let held = at(numbers[lists & 1], split.parent);
                let within = split.children.iter().zip(1..)
                    .map(|(child, shift)| at(numbers[lists >> shift & 1], *child));
                let inside: Vec<_> = within.clone().map(|one| {
                    let (memberships, list) = of("fine", one.list);
                    (memberships, list, one)
                }).collect();
                let (memberships, list) = of("fine", held.list);
                prop_assert_eq!(finer.outside(held, within, 99), reference((memberships, list, held), &inside));
            }
        }
    }
}
