//! R9 to R11 for one cell: in which cohorts it is released. A number that differs from another by few control groups
//! would tell what these few have, so every difference that can be formed holds none or at least d of them.

use super::{
    frame::{Frame, Seat},
    scan::{Kept, Scan, distinct},
};

/// A coarser column of the same technique.
pub(super) struct Above<'a> {
    pub scan: &'a Scan,
    /// Where that column is released.
    pub released: &'a [bool],
    /// Per cohort, the organisations of this, finer cell that the coarser column does not hold (their value mixes
    /// scales there, or is on a scale that few use); empty where there is none.
    pub strangers: Vec<u32>,
}

impl<'a> Above<'a> {
    /// `within` says that the finer list is known to be part of the coarser one.
    pub fn new(frame: &Frame<'_>, scan: &'a Scan, released: &'a [bool], finer: &Scan, within: bool) -> Self {
        let strangers = if within { Vec::new() } else { strangers(frame, scan, finer) };
        Self { scan, released, strangers }
    }
}

fn strangers(frame: &Frame<'_>, coarser: &Scan, finer: &Scan) -> Vec<u32> {
    let mut counts = vec![0_u32; frame.lattice.cohorts().len()];
    let mut above = coarser.kept.iter().map(|one| one.member).peekable();
    for one in &finer.kept {
        while above.next_if(|member| *member < one.member).is_some() {}
        let Some(seat) = frame.seat(one.member) else { continue };
        if above.peek() != Some(&one.member) && seat.shared.is_none() {
            for cohort in seat.cohorts(one.mask) {
                counts.get_mut(cohort).into_iter().for_each(|count| *count += 1);
            }
        }
    }
    counts
}

fn at<T: Copy + Default>(values: &[T], cohort: usize) -> T {
    values.get(cohort).copied().unwrap_or_default()
}

/// One cell under decision.
struct Cell<'a, 'f> {
    frame: &'a Frame<'f>,
    scan: &'a Scan,
}

/// In which cohorts the cell is released, given the coarser columns of its technique.
pub(super) fn reached(frame: &Frame<'_>, scan: &Scan, above: &[Above<'_>]) -> Vec<bool> {
    let cell = Cell { frame, scan };
    let lattice = &frame.lattice;
    let mut released = vec![false; lattice.cohorts().len()];
    let levels = [0..1, 1..4, 4..super::lattice::SLOTS];
    for level in levels {
        for cohort in (0..released.len()).filter(|cohort| level.contains(&lattice.slot(*cohort))) {
            let reaches = at(&frame.published, cohort)
                // R9: the cell holds k control groups there.
                && scan.count(cohort) >= frame.parameters.k
                && cell.nests(cohort, above, &released);
            released.get_mut(cohort).into_iter().for_each(|slot| *slot = reaches);
        }
        cell.complete(level, &mut released);
    }
    released
}

impl Cell<'_, '_> {
    fn safe(&self, unshared: u32, shared: impl FnOnce() -> u32) -> bool {
        let d = self.frame.parameters.d;
        if unshared >= d {
            return true;
        }
        let groups = unshared + shared();
        groups == 0 || groups >= d
    }

    /// R10: against every released cohort that holds this one, in this column and in every coarser one.
    fn nests(&self, cohort: usize, above: &[Above<'_>], released: &[bool]) -> bool {
        let coarser = self.frame.lattice.coarser(cohort);
        let own = self.scan.unshared(cohort);
        let in_cohorts = coarser.iter().filter(|held| at(released, **held)).all(|held| {
            let unshared = self.scan.unshared(*held).saturating_sub(own);
            self.safe(unshared, || self.outside(self.scan, *held, cohort))
        });
        in_cohorts
            && above.iter().all(|above| {
                coarser.iter().chain([&cohort]).filter(|held| at(above.released, **held)).all(|held| {
                    let unshared = above.scan.unshared(*held) + at(&above.strangers, cohort);
                    self.safe(unshared.saturating_sub(own), || self.outside(above.scan, *held, cohort))
                })
            })
    }

    /// Control groups with several organisations that contribute to `coarser` in the cohort `held` with one that does
    /// not contribute to this cell in `cohort`.
    fn outside(&self, coarser: &Scan, held: usize, cohort: usize) -> u32 {
        let lattice = &self.frame.lattice;
        let (held_slot, slot) = (lattice.slot(held), lattice.slot(cohort));
        let mut own = self.scan.shared.iter().peekable();
        let mut groups = Vec::new();
        for (one, group) in &coarser.shared {
            while own.next_if(|(finer, _)| finer.member < one.member).is_some() {}
            let Some(seat) = self.frame.seat(one.member) else { continue };
            let is_inside = |finer: &&&(Kept, u32)| {
                finer.0.member == one.member && seat.is_in(finer.0.mask, slot, cohort)
            };
            if seat.is_in(one.mask, held_slot, held) && own.peek().filter(is_inside).is_none() {
                groups.push(*group);
            }
        }
        u32::try_from(distinct(groups).count()).unwrap_or(u32::MAX)
    }

    /// R11: what the released children of a released parent leave holds none or at least d control groups; else the
    /// smallest child goes, and again, until it holds for every parent.
    fn complete(&self, level: std::ops::Range<usize>, released: &mut [bool]) {
        let lattice = &self.frame.lattice;
        let at_level = |child: &usize| level.contains(&lattice.slot(*child));
        loop {
            let mut dropped = false;
            for split in lattice.splits().iter().filter(|split| split.children.first().is_some_and(at_level))
            {
                if !at(released, split.parent) {
                    continue;
                }
                loop {
                    let children: Vec<usize> =
                        split.children.iter().copied().filter(|child| at(released, *child)).collect();
                    // Ties go by cohort, the last one first.
                    let smallest =
                        children.iter().min_by_key(|child| (self.scan.count(**child), usize::MAX - **child));
                    let Some(smallest) = smallest else { break };
                    if self.leaves(split.parent, &children) {
                        break;
                    }
                    released.get_mut(*smallest).into_iter().for_each(|slot| *slot = false);
                    dropped = true;
                }
            }
            if !dropped {
                break;
            }
        }
    }

    fn leaves(&self, parent: usize, children: &[usize]) -> bool {
        let inside: u32 = children.iter().map(|child| self.scan.unshared(*child)).sum();
        self.safe(self.scan.unshared(parent).saturating_sub(inside), || {
            let slot = self.frame.lattice.slot(parent);
            let child_slot = children.first().map_or(0, |child| self.frame.lattice.slot(*child));
            let in_child =
                |seat: &Seat, mask| children.iter().any(|child| seat.is_in(mask, child_slot, *child));
            let groups = self.scan.shared.iter().filter_map(|(one, group)| {
                let seat = self.frame.seat(one.member)?;
                (seat.is_in(one.mask, slot, parent) && !in_child(seat, one.mask)).then_some(*group)
            });
            u32::try_from(distinct(groups.collect()).count()).unwrap_or(u32::MAX)
        })
    }
}
