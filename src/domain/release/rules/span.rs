//! R11b: sums and differences of published cohorts. A cohort joins the published ones, of a cell and of the release, only if
//! no unpublished cohort and no atom (one value of every dimension) with 1 to d-1 control groups can then be written as a
//! linear combination of them. It is the last of the rules that take cells away, because every cohort that another rule
//! takes away makes the span smaller.
//!
//! Vectors run over the atoms that have a member. That a vector is no combination is shown by a *witness*: weights of atoms
//! that add up to 0 over every published cohort and not over the vector. Nearly always two or four atoms are enough, so
//! elimination is left for the few cells where they are not.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use super::reason::{Reason, Verdict};
use crate::domain::release::{
    cohorts::{
        index::{AtomIx, Atoms, By, ByCohort, BySlot, CohortIx, ListIx, SlotIx},
        lattice::{Lattice, MemberCohorts, Slot},
    },
    counting::{
        count::{Counted, distinct},
        differences::CellLists,
    },
    error::ReleaseError,
    parameters::{Parameters, Rule},
};

/// Arithmetic is modulo this prime; a combination over the rationals with small coefficients is one modulo it.
const P: u64 = (1 << 31) - 1;

/// A vector over the occupied atoms.
type Vector = Vec<u64>;

/// The cohorts of an atom that have a value of one dimension, one for each dimension.
type Coordinates = Vec<Option<CohortIx>>;

/// The cohorts of a release as vectors over the atoms that have a member.
pub struct Span {
    /// The slots of the single dimensions.
    dimensions: Vec<SlotIx>,
    slots: BySlot<Slot>,
    numbers: BTreeMap<Coordinates, AtomIx>,
    coordinates: By<Atoms, Coordinates>,
    /// The cohorts that hold an atom.
    atoms: By<Atoms, MemberCohorts>,
    cohorts: ByCohort<OfCohort>,
    /// The atoms that may follow from published cohorts, ascending.
    atoms_that_follow: Vec<AtomIx>,
}

/// One cohort.
struct OfCohort {
    slot: SlotIx,
    atoms: Vec<AtomIx>,
    /// The cohorts over which each witness does not add up to 0: where none of them is published, the cohort does not
    /// follow from those that are.
    witnesses: OnceLock<Vec<Vec<CohortIx>>>,
    /// Says that it may follow from published cohorts.
    follows: bool,
}

impl Span {
    /// The span of everybody.
    pub fn new(lattice: &Lattice, everybody: &Counted<'_>) -> Result<Self, ReleaseError> {
        let slots = lattice.slots().clone();
        let dimensions =
            slots.iter().filter(|(slot, of)| of.dimensions == [*slot]).map(|(slot, _)| slot).collect();
        let cohort = |cohort| OfCohort {
            slot: lattice.slot(cohort),
            atoms: Vec::new(),
            witnesses: OnceLock::new(),
            follows: true,
        };
        let mut this = Self {
            dimensions,
            slots,
            numbers: BTreeMap::new(),
            coordinates: By::default(),
            atoms: By::default(),
            cohorts: lattice.by_cohort().map(cohort),
            atoms_that_follow: Vec::new(),
        };
        for one in &everybody.respondents {
            let Some(membership) = everybody.memberships.get(one.member) else { continue };
            let own = everybody.memberships.cohorts(membership);
            let coordinates = this.coordinates(own);
            let atom = match this.numbers.get(&coordinates) {
                Some(atom) => *atom,
                None => {
                    let atom = this.atoms.push(own.filled(None)).ok_or(ReleaseError::TooLarge)?;
                    this.coordinates.push(coordinates.clone()).ok_or(ReleaseError::TooLarge)?;
                    this.numbers.insert(coordinates, atom);
                    atom
                }
            };
            // R12 may leave all of an atom's members out of a cohort.
            one.counts_in.select(own).for_each(|(slot, cohort)| this.atoms[atom][slot] = Some(cohort));
        }
        for (atom, cohorts) in this.atoms.iter() {
            cohorts.values().flatten().for_each(|cohort| this.cohorts[*cohort].atoms.push(atom));
        }
        this.atoms_that_follow = this.atoms.indices().collect();
        Ok(this)
    }

    fn coordinates(&self, cohorts: &MemberCohorts) -> Coordinates {
        self.dimensions.iter().map(|slot| cohorts[*slot]).collect()
    }

    /// Only what follows from the published cohorts of the release can follow from those of a cell.
    pub fn publish(&mut self, published: &ByCohort<Verdict>) {
        let mut basis = Basis::default();
        for cohort in published.indices().filter(|cohort| published[*cohort].is_ok()) {
            basis.add(self.cohort(cohort));
        }
        let follows = |vector| basis.rest(vector).iter().all(|value| *value == 0);
        let cohorts = published.map(|cohort| published[cohort].is_ok() || follows(self.cohort(cohort)));
        let atoms = self.atoms_that_follow.iter().copied();
        let atoms = atoms.filter(|atom| !self.is_in_a_cube(*atom) && follows(self.atom(*atom)));
        self.atoms_that_follow = atoms.collect();
        for (own, follows) in self.cohorts.values_mut().zip(cohorts.values()) {
            own.follows = *follows;
        }
    }

    /// R11b: takes cohorts away, judged in R10's order: coarse to fine, larger first, ties by cohort.
    pub fn judge(
        &self,
        parameters: &Parameters,
        lists: &CellLists<'_>,
        stands: &ByCohort<ListIx>,
        mut verdicts: ByCohort<Verdict>,
    ) -> ByCohort<Verdict> {
        if !parameters.holds(Rule::R11b) || verdicts.values().all(Result::is_err) {
            return verdicts;
        }
        let few = |groups: u32| (1..parameters.d).contains(&groups);
        // A list that no shown number stands on tells nothing.
        let used: Vec<ListIx> = match parameters.holds(Rule::R34) {
            true => {
                let shown = verdicts.indices().filter(|cohort| verdicts[*cohort].is_ok());
                distinct(shown.map(|cohort| stands[cohort]).collect()).collect()
            }
            false => lists.numbers().collect(),
        };
        let is_hidden = |cohort: &CohortIx| {
            verdicts[*cohort].is_err()
                && self.cohorts[*cohort].follows
                && used.iter().any(|list| few(lists.groups(*list, *cohort)))
                && !self.is_witnessed(*cohort, &verdicts)
        };
        let mut hidden: Vec<Vector> =
            verdicts.indices().filter(is_hidden).map(|cohort| self.cohort(cohort)).collect();
        if !self.atoms_that_follow.is_empty() {
            let atoms: BTreeSet<AtomIx> =
                used.iter().flat_map(|list| self.small(lists, *list, few)).collect();
            hidden.extend(atoms.into_iter().map(|atom| self.atom(atom)));
        }
        if hidden.is_empty() {
            return verdicts;
        }
        let mut order: Vec<CohortIx> =
            verdicts.indices().filter(|cohort| verdicts[*cohort].is_ok()).collect();
        order.sort_by_key(|cohort| {
            let level = self.slots[self.cohorts[*cohort].slot].dimensions.len();
            (level, Reverse(lists.groups(stands[*cohort], *cohort)), *cohort)
        });
        let mut basis = Basis::default();
        for cohort in order {
            // One that already follows tells nothing new.
            let Some((pivot, row)) = basis.next(self.cohort(cohort)) else { continue };
            let mut reduced = hidden.clone();
            reduced.iter_mut().for_each(|vector| reduce(vector, pivot, &row));
            if reduced.iter().any(|vector| vector.iter().all(|value| *value == 0)) {
                verdicts[cohort] = Err(Reason::Span);
                continue;
            }
            hidden = reduced;
            basis.0.push((pivot, row));
        }
        verdicts
    }

    /// The atoms that may follow and have few control groups on a list.
    fn small(&self, lists: &CellLists<'_>, list: ListIx, few: impl Fn(u32) -> bool) -> Vec<AtomIx> {
        let mut coordinates = Coordinates::new();
        let atoms = lists.everybody(list).filter_map(|part| {
            coordinates.clear();
            coordinates.extend(self.dimensions.iter().map(|slot| part.cohorts[*slot]));
            Some((*self.numbers.get(&coordinates)?, part.group))
        });
        let atoms = atoms.filter(|(atom, _)| self.atoms_that_follow.binary_search(atom).is_ok());
        let groups: Vec<_> = distinct(atoms.collect()).collect();
        let of_atoms = groups.chunk_by(|a, b| a.0 == b.0);
        let small = of_atoms.filter(|groups| few(u32::try_from(groups.len()).unwrap_or(u32::MAX)));
        small.filter_map(|groups| groups.first().map(|(atom, _)| *atom)).collect()
    }

    fn cohort(&self, cohort: CohortIx) -> Vector {
        let mut vector = self.atoms.filled(0);
        self.cohorts[cohort].atoms.iter().for_each(|atom| vector[*atom] = 1);
        vector.values().copied().collect()
    }

    fn atom(&self, atom: AtomIx) -> Vector {
        self.atoms.indices().map(|other| u64::from(other == atom)).collect()
    }

    /// Says that a witness shows that the cohort does not follow from the published ones.
    fn is_witnessed(&self, cohort: CohortIx, published: &ByCohort<Verdict>) -> bool {
        // The cohort itself, which is in each of them, is not published.
        let mut sets = self.cohorts[cohort].witnesses.get_or_init(|| self.witnesses_of(cohort)).iter();
        sets.any(|set| !set.iter().any(|one| published[*one].is_ok()))
    }

    /// Two atoms that differ in a dimension of the cohort, or four that differ in two, with weights 1 and -1 in turns.
    fn witnesses_of(&self, cohort: CohortIx) -> Vec<Vec<CohortIx>> {
        let OfCohort { slot, atoms, .. } = &self.cohorts[cohort];
        // Only these change: in the others the atoms would leave the cohort together or not at all.
        let (first, second) = match self.slots[*slot].dimensions.as_slice() {
            [one] => (*one, None),
            [one, two] => (*one, Some(*two)),
            // `all` holds every atom.
            _ => return Vec::new(),
        };
        let mut sets = BTreeSet::new();
        for atom in atoms {
            let a = self.beside(*atom, first);
            let b = second.map(|second| self.beside(*atom, second)).unwrap_or_default();
            let twos = a.iter().chain(&b).map(|other| vec![(*atom, 1), (*other, -1)]);
            let pairs = a.iter().flat_map(|one| b.iter().map(move |other| (*one, *other)));
            let squares = pairs.filter_map(|(one, other)| {
                let last = self.corner(one, other, second?)?;
                Some(vec![(*atom, 1), (one, -1), (other, -1), (last, 1)])
            });
            let sums = twos.chain(squares).map(|weights| self.sums(&weights));
            // A witness says something of the cohorts over which it does not add up to 0.
            sets.extend(sums.filter(|sums| sums.contains(&cohort)));
        }
        let mut sets: Vec<Vec<CohortIx>> = sets.into_iter().collect();
        sets.sort_by_key(Vec::len);
        sets
    }

    /// The atoms that differ from one in a dimension alone.
    fn beside(&self, atom: AtomIx, dimension: SlotIx) -> Vec<AtomIx> {
        let own = &self.coordinates[atom];
        let differs = |other: &AtomIx| {
            let pairs = self.dimensions.iter().zip(own.iter().zip(&self.coordinates[*other]));
            let mut differing = pairs.filter(|(_, (own, other))| own != other).map(|(slot, _)| *slot);
            differing.next() == Some(dimension) && differing.next().is_none()
        };
        self.coordinates.indices().filter(differs).collect()
    }

    /// The atom with the values of `first`, but for a dimension in which it has the one of `second`.
    fn corner(&self, first: AtomIx, second: AtomIx, dimension: SlotIx) -> Option<AtomIx> {
        let both = self.coordinates[first].iter().zip(&self.coordinates[second]).zip(&self.dimensions);
        let corner = both.map(|((first, second), slot)| if *slot == dimension { *second } else { *first });
        self.numbers.get(&corner.collect::<Coordinates>()).copied()
    }

    /// The cohorts over which weights of atoms do not add up to 0, ascending.
    fn sums(&self, weights: &[(AtomIx, i32)]) -> Vec<CohortIx> {
        let mut sums: BTreeMap<CohortIx, i32> = BTreeMap::new();
        for (atom, weight) in weights {
            for cohort in self.atoms[*atom].values().flatten() {
                *sums.entry(*cohort).or_default() += weight;
            }
        }
        sums.into_iter().filter(|(_, sum)| *sum != 0).map(|(cohort, _)| cohort).collect()
    }

    /// Says that the corners of a cube in some three dimensions, with weights in turns, show that the atom follows from no
    /// cohorts at all: each cohort has a value of two of them at most.
    fn is_in_a_cube(&self, atom: AtomIx) -> bool {
        let beside: Vec<(SlotIx, Vec<AtomIx>)> =
            self.dimensions.iter().map(|slot| (*slot, self.beside(atom, *slot))).collect();
        let after = |slot: SlotIx| beside.iter().filter(move |(other, _)| *other > slot);
        beside.iter().any(|(x, a)| {
            after(*x).any(|(y, b)| after(*y).any(|(z, c)| self.is_in_cube(atom, (a, b, c), (*y, *z))))
        })
    }

    /// Says that some of the atoms beside one in three dimensions, of which the last two are given, are corners of a cube.
    fn is_in_cube(
        &self,
        atom: AtomIx,
        (a, b, c): (&[AtomIx], &[AtomIx], &[AtomIx]),
        (y, z): (SlotIx, SlotIx),
    ) -> bool {
        let mut squares = a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b)));
        squares.any(|(a, b)| {
            c.iter().any(|c| {
                let corners = || {
                    let (ab, ac, bc) =
                        (self.corner(a, b, y)?, self.corner(a, *c, z)?, self.corner(b, *c, z)?);
                    let abc = self.corner(ab, *c, z)?;
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
    /// Returns the rest of a vector that no combination of the rows gives.
    fn rest(&self, mut vector: Vector) -> Vector {
        self.0.iter().for_each(|(pivot, row)| reduce(&mut vector, *pivot, row));
        vector
    }

    /// The row that a vector would add.
    fn next(&self, vector: Vector) -> Option<(usize, Vector)> {
        let mut row = self.rest(vector);
        let pivot = row.iter().position(|value| *value != 0)?;
        let inverse = power(row.get(pivot).copied()?, P - 2);
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
    let factor = row.get(pivot).copied();
    if let Some(factor) = factor.filter(|factor| *factor != 0) {
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
