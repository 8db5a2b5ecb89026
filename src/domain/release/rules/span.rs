//! R11b: sums and differences of published cohorts. A cohort joins the published ones, of a cell and of the release, only if
//! no unpublished cohort and no atom (one value of every dimension) with 1 to d-1 control groups can then be written as a
//! linear combination of them.
//!
//! Vectors run over the atoms that have a member. That a vector is no combination is shown by a *witness*: weights of atoms
//! that add up to 0 over every published cohort and not over the vector. Nearly always two or four atoms are enough, so
//! elimination is left for the few cells where they are not.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use crate::domain::release::{
    cohorts::lattice::{Lattice, NOWHERE, SLOTS, Seats},
    counting::{
        count::{Scan, distinct},
        differences::Lists,
    },
    parameters::{Parameters, Rule},
};

/// Arithmetic is modulo this prime; a combination over the rationals with small coefficients is one modulo it.
const P: u64 = (1 << 31) - 1;

/// A vector over the occupied atoms.
type Vector = Vec<u64>;

/// An atom's cohorts of one dimension.
type Values = [u16; DIMENSIONS];
const DIMENSIONS: usize = 3;

/// What lies within what.
pub struct Span {
    numbers: BTreeMap<Values, usize>,
    values: Vec<Values>,
    /// The cohorts that hold an atom, by slot.
    atoms: Vec<Seats>,
    /// Per cohort its atoms.
    holds: Vec<Vec<usize>>,
    /// Per cohort, of each witness the cohorts over which it does not add up to 0: where none of them is published, the cohort
    /// does not follow from those that are.
    witnesses: Vec<OnceLock<Vec<Vec<u16>>>>,
    /// The cohorts and the atoms that may follow from published ones.
    follows: (Vec<bool>, Vec<usize>),
}

impl Span {
    /// Of everybody's scan.
    pub fn new(members: &Scan<'_>) -> Self {
        let size = members.cohorts.len();
        let mut numbers: BTreeMap<Values, usize> = BTreeMap::new();
        let (mut all, mut atoms): (Vec<Values>, Vec<Seats>) = Default::default();
        for one in &members.kept {
            let Some(seat) = members.seating.seat(one.member) else { continue };
            let (next, seats) = (numbers.len(), *members.seating.seats(seat));
            let atom = *numbers.entry(values(seats)).or_insert(next);
            if atom == next {
                all.push(values(seats));
                atoms.push([NOWHERE; SLOTS]);
            }
            let Some(held) = atoms.get_mut(atom) else { continue };
            // R12 may leave all of an atom's members out of a cohort.
            for ((slot, held), own) in (0..SLOTS).zip(held).zip(seats) {
                if one.mask & 1 << slot != 0 {
                    *held = own;
                }
            }
        }
        let mut holds = vec![Vec::new(); size];
        for (atom, seats) in atoms.iter().enumerate() {
            for cohort in cohorts(seats) {
                holds.get_mut(usize::from(cohort)).into_iter().for_each(|atoms| atoms.push(atom));
            }
        }
        Self {
            follows: (vec![true; size], (0..atoms.len()).collect()),
            witnesses: (0..size).map(|_| OnceLock::new()).collect(),
            numbers,
            values: all,
            atoms,
            holds,
        }
    }

    /// Only what follows from the published cohorts of the release can follow from those of a cell.
    pub fn publish(&mut self, published: &[bool]) {
        let mut basis = Basis::default();
        for cohort in (0..published.len()).filter(|cohort| is(published, *cohort)) {
            basis.add(self.cohort(cohort));
        }
        let follows = |vector| basis.rest(vector).iter().all(|value| *value == 0);
        let cohorts =
            (0..published.len()).map(|cohort| is(published, cohort) || follows(self.cohort(cohort)));
        let atoms = self.follows.1.iter().copied();
        let atoms = atoms.filter(|atom| !self.is_in_a_cube(*atom) && follows(self.atom(*atom)));
        self.follows = (cohorts.collect(), atoms.collect());
    }

    /// The cohorts of `wanted` that stay, judged in R10's order: coarse to fine, larger first, ties by cohort.
    pub fn safe(
        &self,
        lattice: &Lattice,
        parameters: &Parameters,
        lists: &Lists<'_>,
        mut wanted: Vec<bool>,
    ) -> Vec<bool> {
        if !parameters.holds(Rule::R11b) || !wanted.contains(&true) {
            return wanted;
        }
        let few = |groups: u32| (1..parameters.d).contains(&groups);
        let is_hidden = |cohort: &usize| {
            !is(&wanted, *cohort)
                && is(&self.follows.0, *cohort)
                && lists.numbers().any(|list| few(lists.groups(list, *cohort)))
                && !self.is_witnessed(*cohort, &wanted)
        };
        let mut hidden: Vec<Vector> =
            (0..wanted.len()).filter(is_hidden).map(|cohort| self.cohort(cohort)).collect();
        if !self.follows.1.is_empty() {
            let atoms: BTreeSet<usize> =
                lists.numbers().flat_map(|list| self.small(lists, list, few)).collect();
            hidden.extend(atoms.into_iter().map(|atom| self.atom(atom)));
        }
        if hidden.is_empty() {
            return wanted;
        }
        let mut order: Vec<usize> = (0..wanted.len()).filter(|cohort| is(&wanted, *cohort)).collect();
        order.sort_by_key(|cohort| {
            let slot = lattice.slot(*cohort);
            (slot.min(1) + slot / 4, Reverse(lists.groups(0, *cohort)), *cohort)
        });
        let mut basis = Basis::default();
        for cohort in order {
            // One that already follows tells nothing new.
            let Some((pivot, row)) = basis.next(self.cohort(cohort)) else { continue };
            let mut reduced = hidden.clone();
            reduced.iter_mut().for_each(|vector| reduce(vector, pivot, &row));
            if reduced.iter().any(|vector| vector.iter().all(|value| *value == 0)) {
                wanted.get_mut(cohort).into_iter().for_each(|slot| *slot = false);
                continue;
            }
            hidden = reduced;
            basis.0.push((pivot, row));
        }
        wanted
    }

    /// Of the atoms that may follow, those with few control groups on a list.
    fn small(&self, lists: &Lists<'_>, list: usize, few: impl Fn(u32) -> bool) -> Vec<usize> {
        let atoms =
            lists.seats(list).filter_map(|(seats, group)| Some((*self.numbers.get(&values(seats))?, group)));
        let atoms = atoms.filter(|(atom, _)| self.follows.1.binary_search(atom).is_ok());
        let seats: Vec<(usize, u32)> = distinct(atoms.collect()).collect();
        let of_atoms = seats.chunk_by(|a, b| a.0 == b.0);
        let small = of_atoms.filter(|groups| few(u32::try_from(groups.len()).unwrap_or(u32::MAX)));
        small.filter_map(|groups| groups.first().map(|(atom, _)| *atom)).collect()
    }

    fn cohort(&self, cohort: usize) -> Vector {
        let mut vector = vec![0; self.atoms.len()];
        for atom in self.holds.get(cohort).into_iter().flatten() {
            vector.get_mut(*atom).into_iter().for_each(|value| *value = 1);
        }
        vector
    }

    fn atom(&self, atom: usize) -> Vector {
        (0..self.atoms.len()).map(|other| u64::from(other == atom)).collect()
    }

    /// Whether a witness shows that the cohort does not follow from the published ones.
    fn is_witnessed(&self, cohort: usize, published: &[bool]) -> bool {
        let Some(witnesses) = self.witnesses.get(cohort) else { return false };
        // The cohort itself, which is in each of them, is not published.
        let mut sets = witnesses.get_or_init(|| self.witnesses_of(cohort)).iter();
        sets.any(|set| !set.iter().any(|one| is(published, usize::from(*one))))
    }

    /// Two atoms that differ in a dimension of the cohort, or four that differ in two, with weights 1 and -1 in turns.
    fn witnesses_of(&self, cohort: usize) -> Vec<Vec<u16>> {
        let mut sets = BTreeSet::new();
        for atom in self.holds.get(cohort).into_iter().flatten() {
            let Some(seats) = self.atoms.get(*atom) else { continue };
            // Only these change: in the others the atoms would leave the cohort together or not at all.
            let own = match seats.iter().position(|seat| usize::from(*seat) == cohort) {
                Some(1) => [0, 0],
                Some(2) => [1, 1],
                Some(3) => [2, 2],
                Some(4) => [0, 1],
                Some(5) => [0, 2],
                Some(6) => [1, 2],
                _ => continue,
            };
            let [first, second] = own;
            let a = self.beside(*atom, first);
            let b = if second == first { Vec::new() } else { self.beside(*atom, second) };
            let twos = a.iter().chain(&b).map(|other| vec![(*atom, 1), (*other, -1)]);
            let pairs = a.iter().flat_map(|one| b.iter().map(move |other| (*one, *other)));
            let squares = pairs.filter_map(|(one, other)| {
                let last = self.corner(one, other, second)?;
                Some(vec![(*atom, 1), (one, -1), (other, -1), (last, 1)])
            });
            let sums = twos.chain(squares).map(|weights| self.sums(&weights));
            // A witness says something of the cohorts over which it does not add up to 0.
            sets.extend(sums.filter(|sums| sums.iter().any(|one| usize::from(*one) == cohort)));
        }
        let mut sets: Vec<Vec<u16>> = sets.into_iter().collect();
        sets.sort_by_key(Vec::len);
        sets
    }

    /// The atoms that differ from one in a dimension alone.
    fn beside(&self, atom: usize, dimension: usize) -> Vec<usize> {
        let Some(own) = self.values.get(atom) else { return Vec::new() };
        let differs = |(number, values): (usize, &Values)| {
            let mut differing = (0..DIMENSIONS).filter(|one| values.get(*one) != own.get(*one));
            (differing.next() == Some(dimension) && differing.next().is_none()).then_some(number)
        };
        self.values.iter().enumerate().filter_map(differs).collect()
    }

    /// The atom with the values of `first`, but for a dimension in which it has the one of `second`.
    fn corner(&self, first: usize, second: usize, dimension: usize) -> Option<usize> {
        let mut values = *self.values.get(first)?;
        *values.get_mut(dimension)? = *self.values.get(second)?.get(dimension)?;
        self.numbers.get(&values).copied()
    }

    /// The cohorts over which weights of atoms do not add up to 0, ascending.
    fn sums(&self, weights: &[(usize, i32)]) -> Vec<u16> {
        let mut sums: BTreeMap<u16, i32> = BTreeMap::new();
        for (atom, weight) in weights {
            for cohort in self.atoms.get(*atom).into_iter().flat_map(cohorts) {
                *sums.entry(cohort).or_default() += weight;
            }
        }
        sums.into_iter().filter(|(_, sum)| *sum != 0).map(|(cohort, _)| cohort).collect()
    }

    /// Whether the corners of a cube, with weights in turns, show that the atom follows from no cohorts at all.
    fn is_in_a_cube(&self, atom: usize) -> bool {
        let [sectors, sizes, regions] = [0, 1, 2].map(|dimension| self.beside(atom, dimension));
        let mut squares = sectors.iter().flat_map(|a| sizes.iter().map(move |b| (*a, *b)));
        squares.any(|(a, b)| {
            regions.iter().any(|c| {
                let corners = || {
                    let (ab, ac, bc) =
                        (self.corner(a, b, 1)?, self.corner(a, *c, 2)?, self.corner(b, *c, 2)?);
                    let abc = self.corner(ab, *c, 2)?;
                    Some([(atom, 1), (a, -1), (b, -1), (*c, -1), (ab, 1), (ac, 1), (bc, 1), (abc, -1)])
                };
                corners().is_some_and(|weights| self.sums(&weights).is_empty())
            })
        })
    }
}

/// Rows, each with the position of its leading 1.
#[derive(Default)]
struct Basis(Vec<(usize, Vector)>);

impl Basis {
    /// What of a vector is no combination of the rows.
    fn rest(&self, mut vector: Vector) -> Vector {
        self.0.iter().for_each(|(pivot, row)| reduce(&mut vector, *pivot, row));
        vector
    }

    /// The row that a vector would add.
    fn next(&self, vector: Vector) -> Option<(usize, Vector)> {
        let mut row = self.rest(vector);
        let pivot = row.iter().position(|value| *value != 0)?;
        let inverse = power(row.get(pivot).copied().unwrap_or(1), P - 2);
        row.iter_mut().for_each(|value| *value = *value * inverse % P);
        Some((pivot, row))
    }

    fn add(&mut self, vector: Vector) {
        let next = self.next(vector);
        self.0.extend(next);
    }
}

/// Takes away the multiple of `basis`, which is 1 at `pivot`, that makes `row` 0 there.
fn reduce(row: &mut Vector, pivot: usize, basis: &Vector) {
    let factor = row.get(pivot).copied().unwrap_or_default();
    if factor != 0 {
        row.iter_mut().zip(basis).for_each(|(value, base)| *value = (*value + (P - factor) * base) % P);
    }
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % P;
        }
        base = base * base % P;
        exponent >>= 1;
    }
    result
}

fn values(seats: Seats) -> Values {
    let [_, sector, size, region, ..] = seats;
    [sector, size, region]
}

fn cohorts(seats: &Seats) -> impl Iterator<Item = u16> {
    seats.iter().copied().filter(|seat| *seat != NOWHERE)
}

fn is(cohorts: &[bool], cohort: usize) -> bool {
    cohorts.get(cohort) == Some(&true)
}
