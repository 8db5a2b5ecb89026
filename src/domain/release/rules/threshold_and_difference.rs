//! R9 to R11 for one cell: the cohorts in which it is shown. A number that differs from another by few control groups
//! would tell what these few have, so every difference that can be formed holds none or at least d of them, among the
//! contributions that the published numbers stand on (R34).

use super::reason::{Reason, Verdict};
use crate::domain::release::{
    cohorts::{
        index::{ByCohort, CoarserListIx, CohortIx, Ix, Kind, ListIx},
        lattice::{Lattice, Level},
    },
    counting::differences::{CellLists, ColumnDifference, InList},
    parameters::{Parameters, Rule},
};

/// A coarser column of the same technique.
pub struct Above<'a> {
    pub difference: ColumnDifference<'a>,
    /// The list of this release, of the coarser column.
    pub now: CoarserListIx,
    /// The list that the coarser column's number would stand on.
    pub stands: &'a ByCohort<CoarserListIx>,
    /// The cohorts in which that column is shown.
    pub verdicts: &'a ByCohort<Verdict>,
}

/// One cell under decision.
pub struct Cell<'a, 's> {
    pub lattice: &'a Lattice,
    pub parameters: &'a Parameters,
    pub lists: &'a CellLists<'s>,
    /// The list of this release.
    pub now: ListIx,
    /// The list that the number would stand on.
    pub stands: &'a ByCohort<ListIx>,
    /// The coarser columns of its technique.
    pub above: &'a [Above<'a>],
}

/// Takes cohorts away in which the cell may not be shown, coarse to fine: a finer cell is judged against the coarser ones
/// that are shown, and loses.
pub fn judge(cell: &Cell<'_, '_>, mut verdicts: ByCohort<Verdict>) -> ByCohort<Verdict> {
    for level in cell.lattice.levels() {
        for cohort in &level.cohorts {
            verdicts[*cohort] = verdicts[*cohort]
                .and_then(|()| threshold(cell, *cohort))
                .and_then(|()| difference(cell, *cohort, &verdicts));
        }
        remainder(cell, level, &mut verdicts);
    }
    verdicts
}

/// R9: the cell holds k control groups where its number is from.
fn threshold(cell: &Cell<'_, '_>, cohort: CohortIx) -> Verdict {
    // Without the threshold anything that has a quantile at all is shown.
    let k = if cell.parameters.holds(Rule::R9) { cell.parameters.k } else { 1 };
    let is_short = |list| cell.lists.groups(list, cohort) < k;
    if cell.judges_now(cell.stands[cohort]) && is_short(cell.now) {
        let dominated = cell.lists.now.is_dominated(cohort, cell.lattice.slot(cohort), k);
        return Err(if dominated { Reason::Dominance } else { Reason::Threshold });
    }
    if is_short(cell.stands[cohort]) { Err(Reason::Threshold) } else { Ok(()) }
}

/// R10: against every shown cohort that holds this one, in this column and in every coarser one.
fn difference(cell: &Cell<'_, '_>, cohort: CohortIx, verdicts: &ByCohort<Verdict>) -> Verdict {
    let differs = |held: &CohortIx| {
        let stands = (cell.stands[*held], cell.stands[cohort]);
        cell.on_lists((cell.now, cell.now), stands, |above, finer| {
            let within = std::iter::once(cell.at(finer, cohort));
            cell.lists.outside(cell.at(above, *held), within, cell.parameters.d)
        })
    };
    let differs_from = |above: &Above<'_>, held: CohortIx| {
        let stands = (above.stands[held], cell.stands[cohort]);
        cell.on_lists((above.now, cell.now), stands, |coarser, finer| {
            above.difference.outside(cell.at(coarser, held), cell.at(finer, cohort), cell.parameters.d)
        })
    };
    let coarser = cell.lattice.coarser(cohort);
    let is_safe = !cell.parameters.holds(Rule::R10)
        || coarser.iter().filter(|held| verdicts[**held].is_ok()).all(differs)
            && cell.above.iter().all(|above| {
                let held = coarser.iter().copied().chain([cohort]);
                held.filter(|held| above.verdicts[*held].is_ok()).all(|held| differs_from(above, held))
            });
    if is_safe { Ok(()) } else { Err(Reason::Difference) }
}

/// R11: what the shown children of a shown parent leave holds none or at least d control groups; else the smallest child
/// goes, and again, until it holds for every parent.
fn remainder(cell: &Cell<'_, '_>, level: &Level, verdicts: &mut ByCohort<Verdict>) {
    let mut dropped = cell.parameters.holds(Rule::R11);
    while dropped {
        dropped = false;
        for split in &level.splits {
            while verdicts[split.parent].is_ok() {
                let children = split.children.iter().copied().filter(|child| verdicts[*child].is_ok());
                // Ties go by cohort, the last one first.
                let size = |child: &CohortIx| {
                    (cell.lists.groups(cell.stands[*child], *child), std::cmp::Reverse(*child))
                };
                let Some(smallest) = children.clone().min_by_key(size) else { break };
                if cell.leaves(split.parent, children) {
                    break;
                }
                verdicts[smallest] = Err(Reason::Remainder);
                dropped = true;
            }
        }
    }
}

impl Cell<'_, '_> {
    fn is_safe(&self, groups: u32) -> bool {
        groups == 0 || groups >= self.parameters.d
    }

    fn at<L: Kind>(&self, list: Ix<L>, cohort: CohortIx) -> InList<L> {
        InList { list, slot: self.lattice.slot(cohort), cohort }
    }

    /// Says that the list of this release is judged, too: that of a new number, or, without R34, any.
    fn judges_now(&self, stands: ListIx) -> bool {
        stands == self.now || !self.parameters.holds(Rule::R34)
    }

    /// Says that a difference is safe on the lists that the numbers would stand on.
    fn on_lists<L: Kind>(
        &self,
        now: (Ix<L>, ListIx),
        stands: (Ix<L>, ListIx),
        groups: impl Fn(Ix<L>, ListIx) -> u32,
    ) -> bool {
        let doors = self.parameters.holds(Rule::R34);
        self.is_safe(groups(stands.0, stands.1)) && (doors || self.is_safe(groups(now.0, now.1)))
    }

    /// Says that a parent without the children is safe on the lists that the numbers would stand on.
    fn leaves(&self, parent: CohortIx, children: impl Iterator<Item = CohortIx> + Clone) -> bool {
        let (lists, d) = (self.lists, self.parameters.d);
        let doors = self.parameters.holds(Rule::R34);
        let now = || {
            let within = children.clone().map(|child| self.at(self.now, child));
            lists.outside(self.at(self.now, parent), within, d)
        };
        let standing = |cohort| self.at(self.stands[cohort], cohort);
        let stands = || lists.outside(standing(parent), children.clone().map(standing), d);
        self.is_safe(stands()) && (doors || self.is_safe(now()))
    }
}
