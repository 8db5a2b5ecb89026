//! R9 to R11 for one cell: in which cohorts it is released. A number that differs from another by few control groups
//! would tell what these few have, so every difference that can be formed holds none or at least d of them: among the
//! current contributions, and among those that the published numbers stand on.

use crate::domain::release::{
    cohorts::lattice::{Lattice, SLOTS},
    counting::differences::{At, Columns, Lists},
    parameters::{Parameters, Rule},
};

/// A coarser column of the same technique.
pub struct Above<'a> {
    pub columns: Columns,
    /// Per cohort, the list that the coarser column's number would stand on.
    pub stands: &'a [usize],
    /// Where that column is released.
    pub released: &'a [bool],
}

fn at<T: Copy + Default>(values: &[T], cohort: usize) -> T {
    values.get(cohort).copied().unwrap_or_default()
}

/// One cell under decision.
struct Cell<'a, 's> {
    lattice: &'a Lattice,
    parameters: &'a Parameters,
    lists: &'a Lists<'s>,
    /// Per cohort, the list that the number would stand on.
    stands: &'a [usize],
}

/// In which cohorts the cell is released, of the `candidates`, given the coarser columns of its technique.
pub fn reached(
    lattice: &Lattice,
    parameters: &Parameters,
    lists: &Lists<'_>,
    stands: &[usize],
    candidates: &[bool],
    above: &[Above<'_>],
) -> Vec<bool> {
    let mut released = vec![false; candidates.len()];
    let cell = Cell { lattice, parameters, lists, stands };
    // Without the threshold anything that has a quantile at all is shown.
    let k = if parameters.holds(Rule::R9) { parameters.k } else { 1 };
    let levels = [0..1, 1..4, 4..SLOTS];
    for level in levels {
        for cohort in (0..released.len()).filter(|cohort| level.contains(&lattice.slot(*cohort))) {
            let reaches = at(candidates, cohort)
                // R9: the cell holds k control groups there, now and where its number is from.
                && lists.groups(0, cohort) >= k
                && lists.groups(at(stands, cohort), cohort) >= k
                && cell.nests(cohort, above, &released);
            released.get_mut(cohort).into_iter().for_each(|slot| *slot = reaches);
        }
        cell.complete(level, &mut released);
    }
    released
}

impl Cell<'_, '_> {
    fn is_safe(&self, groups: u32) -> bool {
        groups == 0 || groups >= self.parameters.d
    }

    fn at(&self, list: usize, cohort: usize) -> At {
        At { list, slot: self.lattice.slot(cohort), cohort }
    }

    /// R10: against every released cohort that holds this one, in this column and in every coarser one.
    fn nests(&self, cohort: usize, above: &[Above<'_>], released: &[bool]) -> bool {
        if !self.parameters.holds(Rule::R10) {
            return true;
        }
        let coarser = self.lattice.coarser(cohort);
        coarser.iter().filter(|held| at(released, **held)).all(|held| self.differs(*held, cohort))
            && above.iter().all(|above| {
                let mut held = coarser.iter().chain([&cohort]).filter(|held| at(above.released, **held));
                held.all(|held| self.differs_from(above, *held, cohort))
            })
    }

    /// Whether what the column has in the cohort `held` and not in `cohort`, which lies within it, is safe.
    fn differs(&self, held: usize, cohort: usize) -> bool {
        self.on_lists((at(self.stands, held), at(self.stands, cohort)), |above, finer| {
            let within = std::iter::once(self.at(finer, cohort));
            self.lists.outside(self.at(above, held), within, self.parameters.d)
        })
    }

    /// Whether what a coarser column has in the cohort `held` and this one has not in `cohort` is safe.
    fn differs_from(&self, coarser: &Above<'_>, held: usize, cohort: usize) -> bool {
        self.on_lists((at(coarser.stands, held), at(self.stands, cohort)), |above, finer| {
            let (held, cohort) = (self.at(above, held), self.at(finer, cohort));
            coarser.columns.outside(held, cohort, self.parameters.d)
        })
    }

    /// Whether a difference is safe on the current lists and on those that the numbers would stand on.
    fn on_lists(&self, stands: (usize, usize), groups: impl Fn(usize, usize) -> u32) -> bool {
        self.is_safe(groups(0, 0)) && (stands == (0, 0) || self.is_safe(groups(stands.0, stands.1)))
    }

    /// R11: what the released children of a released parent leave holds none or at least d control groups; else the
    /// smallest child goes, and again, until it holds for every parent.
    fn complete(&self, level: std::ops::Range<usize>, released: &mut [bool]) {
        let lattice = self.lattice;
        let at_level = |child: &usize| level.contains(&lattice.slot(*child));
        let mut dropped = self.parameters.holds(Rule::R11);
        while dropped {
            dropped = false;
            for split in lattice.splits().iter().filter(|split| split.children.first().is_some_and(at_level))
            {
                while at(released, split.parent) {
                    let children = split.children.iter().copied().filter(|child| at(released, *child));
                    // Ties go by cohort, the last one first.
                    let size = |child: &usize| (self.lists.groups(0, *child), usize::MAX - *child);
                    let Some(smallest) = children.clone().min_by_key(size) else { break };
                    if self.leaves(split.parent, children) {
                        break;
                    }
                    released.get_mut(smallest).into_iter().for_each(|slot| *slot = false);
                    dropped = true;
                }
            }
        }
    }

    fn leaves(&self, parent: usize, children: impl Iterator<Item = usize> + Clone) -> bool {
        let (lists, d) = (self.lists, self.parameters.d);
        let earlier = children.clone().chain([parent]).any(|cohort| at(self.stands, cohort) > 0);
        let now = || lists.outside(self.at(0, parent), children.clone().map(|child| self.at(0, child)), d);
        let standing = |cohort| self.at(at(self.stands, cohort), cohort);
        let stands = || lists.outside(standing(parent), children.clone().map(standing), d);
        self.is_safe(now()) && (!earlier || self.is_safe(stands()))
    }
}
