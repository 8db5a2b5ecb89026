//! R9 to R11 for one cell: in which cohorts it is released. A number that differs from another by few control groups
//! would tell what these few have, so every difference that can be formed holds none or at least d of them: among the
//! current contributions, and among those that the published numbers stand on.

use super::{
    Rule,
    frame::Frame,
    scan::{Kept, Scan, different},
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
        coarser
            .iter()
            .filter(|held| at(released, **held))
            .all(|held| self.differs(&self.own, *held, cohort, 0))
            && above.iter().all(|above| {
                let held = coarser.iter().chain([&cohort]).filter(|held| at(above.released, **held));
                let strangers = at(&above.strangers, cohort);
                held.into_iter().all(|held| self.differs(&above.lists, *held, cohort, strangers))
            })
    }

    /// Whether what `coarser` has in the cohort `held` and this cell has not in `cohort` is safe.
    fn differs(&self, coarser: &Lists<'_, '_>, held: usize, cohort: usize, strangers: u32) -> bool {
        let d = self.frame.parameters.d;
        let Some(above) = coarser.now() else { return false };
        // Control groups of one organisation are within each other list by list; only the others must be looked at.
        let unshared = (above.unshared(held) + strangers).saturating_sub(self.now.unshared(cohort));
        let now = unshared >= d
            || self.is_safe(unshared + self.outside(&shared(above), (above, held), (self.now, cohort)));
        let stands = || {
            let (Some(above), Some(own)) = (coarser.standing(held), self.own.standing(cohort)) else {
                return false;
            };
            // At least that many, whoever they are.
            above.groups(held) >= own.groups(cohort).saturating_add(d)
                || self.is_safe(self.outside(&everybody(above), (above, held), (own, cohort)))
        };
        now && (at(coarser.stands, held) == 0 && at(self.own.stands, cohort) == 0 || stands())
    }

    /// Control groups that contribute to the first with one of `organisations` that does not contribute to the second.
    fn outside(
        &self,
        organisations: &[(Kept, u32)],
        (first, held): (&Scan<'_>, usize),
        (second, cohort): (&Scan<'_>, usize),
    ) -> u32 {
        let lattice = &self.frame.lattice;
        let (held_slot, slot) = (lattice.slot(held), lattice.slot(cohort));
        let mut inside = second.kept.iter().peekable();
        let mut groups = Vec::new();
        for (one, group) in organisations {
            if !first.seating.seat(one.member).is_some_and(|seat| seat.is_in(one.mask, held_slot, held)) {
                continue;
            }
            while inside.next_if(|finer| finer.member < one.member).is_some() {}
            let is_inside = inside.peek().is_some_and(|finer| {
                let seat = second.seating.seat(finer.member);
                finer.member == one.member && seat.is_some_and(|seat| seat.is_in(finer.mask, slot, cohort))
            });
            if !is_inside {
                groups.push(*group);
            }
        }
        different(groups)
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
        let d = self.frame.parameters.d;
        let on_now = |cohort: usize| (self.now, cohort);
        let inside: u32 = children.iter().map(|child| self.now.unshared(*child)).sum();
        let unshared = self.now.unshared(parent).saturating_sub(inside);
        let of_children: Vec<_> = children.iter().map(|child| on_now(*child)).collect();
        let now = unshared >= d
            || self.is_safe(unshared + self.remainder(&shared(self.now), on_now(parent), &of_children));
        let stands = || {
            let Some(above) = self.own.standing(parent) else { return false };
            let of_children: Vec<_> =
                children.iter().filter_map(|child| Some((self.own.standing(*child)?, *child))).collect();
            let inside: u32 = of_children.iter().map(|(list, child)| list.groups(*child)).sum();
            above.groups(parent) >= inside.saturating_add(d)
                || self.is_safe(self.remainder(&everybody(above), (above, parent), &of_children))
        };
        let mixed = children.iter().chain([&parent]).any(|cohort| at(self.own.stands, *cohort) > 0);
        now && (!mixed || stands())
    }

    /// Control groups that contribute to the parent with one of `organisations` that is in none of the children.
    fn remainder(
        &self,
        organisations: &[(Kept, u32)],
        (list, parent): (&Scan<'_>, usize),
        children: &[(&Scan<'_>, usize)],
    ) -> u32 {
        let lattice = &self.frame.lattice;
        let slot = lattice.slot(parent);
        let in_child = |member: u32| {
            children.iter().any(|(list, child)| {
                let found = list.kept.binary_search_by_key(&member, |one| one.member).ok();
                let seat = list.seating.seat(member);
                found
                    .and_then(|position| list.kept.get(position))
                    .zip(seat)
                    .is_some_and(|(one, seat)| seat.is_in(one.mask, lattice.slot(*child), *child))
            })
        };
        let of_parent = organisations.iter().filter(|(one, _)| {
            list.seating.seat(one.member).is_some_and(|seat| seat.is_in(one.mask, slot, parent))
        });
        different(of_parent.filter(|(one, _)| !in_child(one.member)).map(|(_, group)| *group).collect())
    }
}

fn shared<'a>(list: &'a Scan<'_>) -> std::borrow::Cow<'a, [(Kept, u32)]> {
    std::borrow::Cow::Borrowed(&list.shared)
}

/// Every organisation of a list with its control group.
fn everybody(list: &Scan<'_>) -> Vec<(Kept, u32)> {
    let group = |one: &Kept| Some((*one, list.seating.seat(one.member)?.group));
    list.kept.iter().filter_map(group).collect()
}
