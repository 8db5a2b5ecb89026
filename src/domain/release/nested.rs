//! R9 to R11 for one cell: in which cohorts it is released. A number that differs from another by few control groups
//! would tell what these few have, so every difference that can be formed holds none or at least d of them: among the
//! current contributions, and among those that the published numbers stand on.

use super::{
    Rule,
    frame::Frame,
    scan::{Kept, Scan},
};

/// A cell's lists: the first is of this release, the others of earlier ones; and by cohort the one that its number would
/// stand on.
pub(super) struct Lists<'a, 's> {
    pub lists: &'a [Scan<'s>],
    pub stands: &'a [usize],
}

/// A coarser column of the same technique.
pub(super) struct Above<'a, 's> {
    pub lists: Lists<'a, 's>,
    /// Where that column is released.
    pub released: &'a [bool],
    /// Per cohort, the organisations of this, finer cell that the coarser column does not hold (their value mixes
    /// scales there, or is on a scale that few use); empty where there is none.
    pub strangers: Vec<u32>,
}

/// Per cohort, the organisations of `finer` that `coarser` does not hold and whose control group has no other.
pub(super) fn strangers(coarser: &Scan<'_>, finer: &Scan<'_>) -> Vec<u32> {
    let mut counts = vec![0_u32; finer.cohorts.len()];
    let mut above = coarser.kept.iter().map(|one| one.member).peekable();
    for one in &finer.kept {
        while above.next_if(|member| *member < one.member).is_some() {}
        let Some(seat) = finer.seating.seat(one.member) else { continue };
        if above.peek() != Some(&one.member) && !seat.shared {
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

impl<'a, 's> Lists<'a, 's> {
    fn now(&self) -> Option<&'a Scan<'s>> {
        self.lists.first()
    }

    /// The list that the cohort's number stands on, if it is an earlier release's.
    fn earlier(&self, cohort: usize) -> Option<&'a Scan<'s>> {
        self.lists.get(at(self.stands, cohort)).filter(|_| at(self.stands, cohort) > 0)
    }

    fn standing(&self, cohort: usize) -> Option<&'a Scan<'s>> {
        self.lists.get(at(self.stands, cohort))
    }
}

/// One cell under decision.
struct Cell<'a, 's> {
    frame: &'a Frame<'a>,
    now: &'a Scan<'s>,
    own: Lists<'a, 's>,
}

/// In which cohorts the cell is released, of the `candidates`, given the coarser columns of its technique.
pub(super) fn reached(
    frame: &Frame<'_>,
    own: Lists<'_, '_>,
    candidates: &[bool],
    above: &[Above<'_, '_>],
) -> Vec<bool> {
    let lattice = &frame.lattice;
    let mut released = vec![false; candidates.len()];
    let Some(now) = own.now() else { return released };
    let cell = Cell { frame, now, own };
    // Without the threshold anything that has a quantile at all is shown.
    let k = if frame.parameters.holds(Rule::R9) { frame.parameters.k } else { 1 };
    let levels = [0..1, 1..4, 4..super::lattice::SLOTS];
    for level in levels {
        for cohort in (0..released.len()).filter(|cohort| level.contains(&lattice.slot(*cohort))) {
            let reaches = at(candidates, cohort)
                // R9: the cell holds k control groups there, now and where its number is from.
                && now.groups(cohort) >= k
                && cell.own.earlier(cohort).is_none_or(|list| list.groups(cohort) >= k)
                && cell.nests(cohort, above, &released);
            released.get_mut(cohort).into_iter().for_each(|slot| *slot = reaches);
        }
        cell.complete(level, &mut released);
    }
    released
}

impl Cell<'_, '_> {
    fn is_safe(&self, groups: u32) -> bool {
        groups == 0 || groups >= self.frame.parameters.d
    }

    /// R10: against every released cohort that holds this one, in this column and in every coarser one.
    fn nests(&self, cohort: usize, above: &[Above<'_, '_>], released: &[bool]) -> bool {
        if !self.frame.parameters.holds(Rule::R10) {
            return true;
        }
        let coarser = self.frame.lattice.coarser(cohort);
        coarser.iter().filter(|held| at(released, **held)).all(|held| self.differs(*held, cohort))
            && above.iter().all(|above| {
                let mut held = coarser.iter().chain([&cohort]).filter(|held| at(above.released, **held));
                held.all(|held| self.differs_from(above, *held, cohort))
            })
    }

    /// Whether what the column has in the cohort `held` and not in `cohort`, which lies within it, is safe.
    fn differs(&self, held: usize, cohort: usize) -> bool {
        let own = &self.own;
        let (above, finer) = (at(own.stands, held), at(own.stands, cohort));
        let stands = || match (own.standing(held), own.standing(cohort)) {
            (Some(list), Some(_)) if above == finer => self.is_safe(self.left(list, held, &[cohort])),
            (Some(above), Some(finer)) => self.is_safe(self.outside((above, held), &[(finer, cohort)])),
            _ => false,
        };
        self.is_safe(self.left(self.now, held, &[cohort])) && (above == 0 && finer == 0 || stands())
    }

    /// Whether what a coarser column has in the cohort `held` and this one has not in `cohort` is safe.
    fn differs_from(&self, coarser: &Above<'_, '_>, held: usize, cohort: usize) -> bool {
        let lattice = &self.frame.lattice;
        let Some(above) = coarser.lists.now() else { return false };
        // Control groups of one organisation are within each other list by list; only the others must be looked at.
        let strangers = at(&coarser.strangers, cohort);
        let unshared = (above.unshared(held) + strangers).saturating_sub(self.now.unshared(cohort));
        let is_inside = |member: u32| {
            let found = self.now.kept.binary_search_by_key(&member, |one| one.member).ok();
            let one = found.and_then(|position| self.now.kept.get(position));
            one.is_some_and(|one| self.now.is_in(one, lattice.slot(cohort), cohort))
        };
        let now = unshared >= self.frame.parameters.d || {
            let shared = above.shared.iter().filter(|(one, _)| above.is_in(one, lattice.slot(held), held));
            let outside = shared.filter(|(one, _)| !is_inside(one.member)).map(|(_, group)| *group);
            self.is_safe(unshared + self.enough(outside))
        };
        let stands = || match (coarser.lists.standing(held), self.own.standing(cohort)) {
            (Some(above), Some(own)) => self.is_safe(self.outside((above, held), &[(own, cohort)])),
            _ => false,
        };
        now && (at(coarser.lists.stands, held) == 0 && at(self.own.stands, cohort) == 0 || stands())
    }

    /// How many different control groups there are; d stands for more.
    fn enough(&self, groups: impl Iterator<Item = u32>) -> u32 {
        let mut seen = Vec::new();
        let mut count = 0;
        for group in groups {
            if count == self.frame.parameters.d {
                break;
            }
            if !seen.contains(&group) {
                seen.push(group);
                count += 1;
            }
        }
        count
    }

    /// Control groups that contribute to a cohort of one list with an organisation that is in none of the cohorts within
    /// it; from d on it may be less than they are.
    fn left(&self, list: &Scan<'_>, parent: usize, within: &[usize]) -> u32 {
        let lattice = &self.frame.lattice;
        let inside: u32 = within.iter().map(|cohort| list.unshared(*cohort)).sum();
        let unshared = list.unshared(parent).saturating_sub(inside);
        if unshared >= self.frame.parameters.d {
            return unshared;
        }
        let is_in = |one: &Kept, cohort: usize| list.is_in(one, lattice.slot(cohort), cohort);
        let of_parent = list.shared.iter().filter(|(one, _)| is_in(one, parent));
        let outside = of_parent.filter(|(one, _)| !within.iter().any(|cohort| is_in(one, *cohort)));
        unshared + self.enough(outside.map(|(_, group)| *group))
    }

    /// The same for cohorts of other lists.
    fn outside(&self, (list, parent): (&Scan<'_>, usize), within: &[(&Scan<'_>, usize)]) -> u32 {
        let d = self.frame.parameters.d;
        let groups: u32 = within.iter().map(|(list, cohort)| list.groups(*cohort)).sum();
        // At least that many, whoever they are.
        if list.groups(parent) >= groups.saturating_add(d) {
            return d;
        }
        let mut inside: Vec<u32> =
            within.iter().flat_map(|(list, cohort)| list.members(*cohort)).copied().collect();
        inside.sort_unstable();
        let mut inside = inside.into_iter().peekable();
        let outside = list.members(parent).iter().filter(|member| {
            while inside.next_if(|one| one < *member).is_some() {}
            inside.peek() != Some(*member)
        });
        self.enough(outside.filter_map(|member| Some(list.seating.seat(*member)?.group)))
    }

    /// R11: what the released children of a released parent leave holds none or at least d control groups; else the
    /// smallest child goes, and again, until it holds for every parent.
    fn complete(&self, level: std::ops::Range<usize>, released: &mut [bool]) {
        let lattice = &self.frame.lattice;
        let at_level = |child: &usize| level.contains(&lattice.slot(*child));
        let mut dropped = self.frame.parameters.holds(Rule::R11);
        while dropped {
            dropped = false;
            for split in lattice.splits().iter().filter(|split| split.children.first().is_some_and(at_level))
            {
                if !at(released, split.parent) {
                    continue;
                }
                loop {
                    let children: Vec<usize> =
                        split.children.iter().copied().filter(|child| at(released, *child)).collect();
                    // Ties go by cohort, the last one first.
                    let size = |child: &usize| (self.now.groups(*child), usize::MAX - *child);
                    let Some(smallest) = children.iter().copied().min_by_key(size) else { break };
                    if self.leaves(split.parent, &children) {
                        break;
                    }
                    released.get_mut(smallest).into_iter().for_each(|slot| *slot = false);
                    dropped = true;
                }
            }
        }
    }

    fn leaves(&self, parent: usize, children: &[usize]) -> bool {
        let own = &self.own;
        let stands = || {
            let Some(above) = own.standing(parent) else { return false };
            if children.iter().all(|child| at(own.stands, *child) == at(own.stands, parent)) {
                return self.is_safe(self.left(above, parent, children));
            }
            let of_children: Vec<_> =
                children.iter().filter_map(|child| Some((own.standing(*child)?, *child))).collect();
            self.is_safe(self.outside((above, parent), &of_children))
        };
        let earlier = children.iter().chain([&parent]).any(|cohort| at(own.stands, *cohort) > 0);
        self.is_safe(self.left(self.now, parent, children)) && (!earlier || stands())
    }
}
