//! Differences of lists, against their definition.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::domain::{
    dimension::{Dimension, Dimensions},
    organisation::OrganisationId,
    release::{
        Lattice, Member, Parameters, Preset,
        cohorts::membership::Seating,
        counting::{
            count::Scan,
            differences::{At, Columns, Lists, Then},
            respondent::Kept,
        },
        values::unreleased::{Entry, NO_SCALE},
    },
};

const MEMBERS: usize = 24;

/// A member's sector, size, region and control group.
type Attributes = [u8; 4];

fn dimensions() -> Dimensions {
    Dimensions::default().with(Dimension::SECTOR, vec!["a".to_owned(), "b".to_owned()]).unwrap()
}

pub(super) fn seating(lattice: &Lattice, attributes: &[Attributes]) -> Seating {
    let dimensions = dimensions();
    let value = |dimension, number: u8| dimensions.values(dimension)[usize::from(number)].clone();
    let mut seating = Seating::default();
    for [sector, size, region, group] in attributes {
        let seats = lattice.seats(&Member {
            organisation: OrganisationId::new("any"),
            control_group: String::new(),
            dimensions: Dimension::ALL
                .into_iter()
                .zip([sector, size, region])
                .map(|(dimension, number)| (dimension, value(dimension, *number)))
                .collect(),
        });
        let shared = attributes.iter().filter(|other| other[3] == *group).count() > 1;
        seating.push(seats, (*group).into(), shared);
    }
    seating
}

fn scan<'s>(seating: &'s Seating, lattice: &Lattice, present: &[bool]) -> Scan<'s> {
    let members = (0_u32..).zip(present).filter(|(_, present)| **present);
    let entries: Vec<Entry> =
        members.map(|(member, _)| Entry { member, value: 0, scale: NO_SCALE }).collect();
    Scan::now(seating, lattice.cohorts().len(), &entries, &Parameters::preset(Preset::Default))
}

/// An earlier list with masks of its own, as the rest of the release says what sets it apart.
fn then<'s>(now: &Scan<'_>, seating: &'s Seating, list: &[Kept]) -> Then<'s> {
    let find = |kept: &[Kept], member| kept.iter().find(|one| one.member == member).copied();
    let moved = (0..u32::try_from(MEMBERS).unwrap()).filter_map(|member| {
        let (before, after) = (find(list, member), find(&now.kept, member));
        let alike = now.seating.is_settled(seating, member);
        let same = match (before, after) {
            (Some(before), Some(after)) => alike && before.mask == after.mask,
            (None, None) => true,
            _ => false,
        };
        (!same).then_some((member, before))
    });
    Then { seating, moved: moved.collect() }
}

/// The definition: control groups of the organisations that count in one cohort and in none of the others.
fn reference(held: (&Seating, &[Kept], At), within: &[(&Seating, &[Kept], At)]) -> u32 {
    let is_in = |(seating, list, at): &(&Seating, &[Kept], At), member: u32| {
        let one = list.iter().find(|one| one.member == member);
        let seats = seating.seats(seating.seat(member).unwrap());
        one.is_some_and(|one| one.mask & 1 << at.slot != 0 && usize::from(seats[at.slot]) == at.cohort)
    };
    let outside = held
        .1
        .iter()
        .map(|one| one.member)
        .filter(|member| is_in(&held, *member) && !within.iter().any(|one| is_in(one, *member)));
    let groups: BTreeSet<u32> = outside.map(|member| held.0.group(member)).collect();
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
        let lattice = Lattice::new(&dimensions(), true);
        // One member in eight had other attributes; values come and go, and R12 left out what it did.
        let bit = |shift: u16| -> Vec<bool> { kinds.iter().map(|kind| kind >> shift & 1 == 1).collect() };
        let mixed = |a: u16, b: u16| -> Vec<bool> {
            kinds.iter().map(|kind| kind >> a & 3 != 0 && kind >> b & 1 == 1).collect()
        };
        let before: Vec<Attributes> = of_now.iter().zip(&others).zip(&kinds)
            .map(|((now, other), kind)| if kind & 7 == 0 { *other } else { *now }).collect();
        let (now, past) = (seating(&lattice, &of_now), seating(&lattice, &before));
        let scans = || {
            let coarse = [scan(&now, &lattice, &bit(3)), scan(&past, &lattice, &mixed(4, 3))];
            [coarse, [scan(&now, &lattice, &mixed(6, 9)), scan(&past, &lattice, &mixed(10, 9))]]
        };
        let [coarse, fine] = scans();
        let [coarser, finer] = scans().map(|[new, old]| {
            let then = then(&new, &past, &old.kept);
            Lists::new(new, &[then])
        });
        let columns = Columns::new(&coarser, &finer, false);
        let at = |list, cohort| At { list, slot: lattice.slot(cohort), cohort };
        let of = |of: &'static str, list: usize| -> (&Seating, &[Kept]) {
            let lists = if of == "coarse" { &coarse } else { &fine };
            ([&now, &past][list], &lists[list].kept)
        };
        for cohort in 0..lattice.cohorts().len() {
            for list in 0..2 {
                let (seating, kept) = of("fine", list);
                prop_assert_eq!(finer.groups(list, cohort), reference((seating, kept, at(list, cohort)), &[]));
            }
            for held in lattice.coarser(cohort).iter().copied().chain([cohort]) {
                for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let (held, within) = (at(a, held), at(b, cohort));
                    let (seating, kept) = of("fine", b);
                    let inside = [(seating, kept, within)];
                    let (seating, kept) = of("fine", a);
                    prop_assert_eq!(
                        finer.outside(held, std::iter::once(within), 99), reference((seating, kept, held), &inside)
                    );
                    let (seating, kept) = of("coarse", a);
                    prop_assert_eq!(columns.outside(held, within, 99), reference((seating, kept, held), &inside));
                }
            }
        }
        for split in lattice.splits() {
            for lists in 0..8_usize {
                let held = at(lists & 1, split.parent);
                let within = split.children.iter().zip(1..).map(|(child, shift)| at(lists >> shift & 1, *child));
                let inside: Vec<_> = within.clone().map(|one| {
                    let (seating, kept) = of("fine", one.list);
                    (seating, kept, one)
                }).collect();
                let (seating, kept) = of("fine", held.list);
                prop_assert_eq!(finer.outside(held, within, 99), reference((seating, kept, held), &inside));
            }
        }
    }
}
