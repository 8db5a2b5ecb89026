//! Counts one cell's list in every cohort at once. Organisations are counted by atom (one value of every dimension), and
//! atoms are added up to the cohorts that they are in; those of short lists, and those that share a control group, which
//! R12 may keep out of a cohort, are counted one by one.

use super::{
    fingerprint::Fingerprints,
    quantile::{Histogram, Occurring},
    respondent::Respondent,
};
use crate::domain::release::{
    cohorts::{
        index::{Atoms, By, ByCohort, CohortIx, Fresh, FreshIx, Grid, GroupIx, MemberIx, SlotIx, Values},
        lattice::{Lattice, MemberCohorts},
        membership::{Membership, Memberships},
    },
    error::ReleaseError,
    parameters::{Parameters, Rule},
    rules::{code::Coding, dominance::stay},
    values::entry::Entry,
};

/// The size of one cell in one cohort.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    /// Control groups.
    pub groups: u32,
    /// The control groups among them that have a single organisation.
    pub unshared: u32,
}

/// One cell, counted.
#[derive(Debug)]
pub struct Counted<'s> {
    pub memberships: &'s Memberships,
    pub sizes: ByCohort<Size>,
    /// Ascending by member.
    pub respondents: Vec<Respondent>,
    /// The value of each respondent.
    pub values: Vec<u8>,
    /// The members whose value is on another scale, ascending, with the scale.
    pub strangers: Vec<(MemberIx, u8)>,
    /// The scale of the list, as a position in `Scale::ALL`.
    pub scale: u8,
    /// The respondents whose control group has several organisations, with the group.
    pub shared: Vec<(Respondent, GroupIx)>,
}

/// The values of a cell in the cohorts that show new numbers.
pub struct Histograms {
    occurring: Occurring,
    rows: ByCohort<Option<FreshIx>>,
    /// The number of organisations with each value or less.
    up_to: Grid<Fresh, Values, u32>,
    /// 0 where jitter does not matter.
    digests: ByCohort<u128>,
}

/// Prints that are drawn and added up together.
const FEW_PRINTS: usize = 256;

/// Organisations for each atom, above which they are counted by atom.
const FEW: usize = 4;

impl Histograms {
    pub fn of(&self, cohort: CohortIx) -> Option<Histogram<'_>> {
        let up_to = &self.up_to[self.rows[cohort]?];
        Some(Histogram { values: &self.occurring, up_to, digest: self.digests[cohort] })
    }
}

impl<'s> Counted<'s> {
    /// Counts the values of one scale on a list of this release: `entries` ascend by member. R12 leaves out organisations of dominant control groups.
    pub fn new(
        memberships: &'s Memberships,
        lattice: &Lattice,
        (entries, scale): (&[Entry], u8),
        parameters: &Parameters,
    ) -> Result<Self, ReleaseError> {
        let mut atoms = memberships.atoms().filled(0_u32);
        let (mut respondents, mut values) =
            (Vec::with_capacity(entries.len()), Vec::with_capacity(entries.len()));
        let mut shared = Vec::new();
        let mut strangers = Vec::new();
        for entry in entries {
            let member = entry.member;
            let membership = memberships.get(member).ok_or(ReleaseError::Inconsistent)?;
            if entry.scale != scale {
                strangers.push((member, entry.scale));
                continue;
            }
            let one = Respondent { member, counts_in: membership.counts_in, tag: 0 };
            respondents.push(one);
            values.push(entry.value);
            if membership.shared {
                shared.push((one, memberships.group(member).ok_or(ReleaseError::Inconsistent)?));
            } else {
                atoms[membership.atom] += 1;
            }
        }
        let mut sizes = lattice.by_cohort().filled(Size::default());
        for (cohorts, here) in memberships.atoms().values().zip(atoms.values()).filter(|(_, here)| **here > 0)
        {
            for cohort in cohorts.values().flatten() {
                sizes[*cohort].unshared += here;
                sizes[*cohort].groups += here;
            }
        }
        let mut this = Self { memberships, sizes, respondents, values, strangers, scale, shared };
        if !this.shared.is_empty() {
            if parameters.holds(Rule::R12) {
                this.dominate(parameters.max_cg_share);
            }
            this.count_shared();
        }
        Ok(this)
    }

    /// Takes organisations of dominant control groups out of cohorts, by R12 within the cell. Only the others are
    /// in the sizes.
    fn dominate(&mut self, share: u32) {
        // One run per cohort and group, in the order in which they stay.
        let mut placed: Vec<(CohortIx, GroupIx, u32, usize, SlotIx)> = Vec::new();
        for (position, (one, group)) in self.shared.iter().enumerate() {
            let Some(membership) = self.memberships.get(one.member) else { continue };
            let rank = self.memberships.rank(one.member);
            let slots = one.counts_in.select(self.memberships.cohorts(membership));
            placed.extend(slots.map(|(slot, cohort)| (cohort, *group, rank, position, slot)));
        }
        placed.sort_unstable();
        let size = |of: &[_]| u32::try_from(of.len()).unwrap_or(u32::MAX);
        for of_cohort in placed.chunk_by(|a, b| a.0 == b.0) {
            let unshared = of_cohort.first().map_or(0, |(cohort, ..)| self.sizes[*cohort].unshared);
            let all = unshared.saturating_add(size(of_cohort));
            for of_group in of_cohort.chunk_by(|a, b| a.1 == b.1) {
                let own = size(of_group);
                let kept = usize::try_from(stay(own, all - own, share)).unwrap_or(usize::MAX);
                for (_, _, _, position, slot) in of_group.iter().skip(kept) {
                    if let Some((one, _)) = self.shared.get_mut(*position) {
                        one.counts_in.remove(*slot);
                    }
                }
            }
        }
        let mut reduced = self.shared.iter().map(|(one, _)| one).peekable();
        for one in &mut self.respondents {
            if let Some(reduced) = reduced.next_if(|reduced| reduced.member == one.member) {
                one.counts_in = reduced.counts_in;
            }
        }
    }

    /// Adds the control groups of several organisations to the sizes.
    fn count_shared(&mut self) {
        let mut groups = Vec::new();
        for (one, group) in &self.shared {
            groups.extend(self.cohorts_of(one).map(|cohort| (cohort, *group)));
        }
        for (cohort, _) in distinct(groups) {
            self.sizes[cohort].groups += 1;
        }
    }

    /// The cohorts in which an organisation counts.
    pub fn cohorts_of(&self, one: &Respondent) -> impl Iterator<Item = CohortIx> + use<'s> {
        let (memberships, counts_in) = (self.memberships, one.counts_in);
        let membership = memberships.get(one.member).into_iter();
        membership.flat_map(move |of| counts_in.select(memberships.cohorts(of)).map(|(_, cohort)| cohort))
    }

    /// Control groups in a cohort.
    pub fn groups(&self, cohort: CohortIx) -> u32 {
        self.sizes[cohort].groups
    }

    /// Says that a cohort would hold `k` control groups if R12 left nobody out.
    pub fn is_dominated(&self, cohort: CohortIx, slot: SlotIx, k: u32) -> bool {
        let unshared = usize::try_from(self.sizes[cohort].unshared).unwrap_or(usize::MAX);
        let needed = usize::try_from(k).unwrap_or(usize::MAX);
        unshared.saturating_add(self.shared.len()) >= needed && {
            let is_in = |membership: Membership| self.memberships.cohorts(membership)[slot] == Some(cohort);
            let there =
                self.shared.iter().filter(|(one, _)| self.memberships.get(one.member).is_some_and(is_in));
            unshared + distinct(there.map(|(_, group)| *group).collect()).len() >= needed
        }
    }

    /// The values in the `chosen` cohorts. What their jitter depends on is added up for those that `draws` names.
    pub fn histograms(
        &self,
        fingerprints: &Fingerprints,
        coding: &Coding,
        chosen: impl FnMut(CohortIx) -> bool,
        draws: impl Fn(CohortIx, Histogram<'_>) -> bool,
    ) -> Histograms {
        let mut all = self.values(chosen);
        let drawn = self.sizes.map(|cohort| all.of(cohort).is_some_and(|histogram| draws(cohort, histogram)));
        self.add_up_prints(fingerprints, coding, &drawn, &mut all.digests);
        all
    }

    /// The values in the `chosen` cohorts.
    pub fn values(&self, mut chosen: impl FnMut(CohortIx) -> bool) -> Histograms {
        let occurring = Occurring::new(self.values.iter().copied());
        let mut fresh: By<Fresh, ()> = By::default();
        // A list without values has no histogram, nor has a cohort more than there can be.
        let mut row = |cohort| if chosen(cohort) && occurring.len() > 0 { fresh.push(()) } else { None };
        let rows = self.sizes.map(&mut row);
        let up_to = Grid::filled(&fresh, occurring.values(), 0);
        let mut all = Histograms { digests: rows.filled(0), rows, up_to, occurring };
        if fresh.is_empty() {
            return all;
        }
        self.count(&mut all);
        for counts in all.up_to.rows_mut() {
            let mut total = 0;
            for count in counts {
                total += *count;
                *count = total;
            }
        }
        all
    }

    /// Counts how often each value occurs.
    fn count(&self, all: &mut Histograms) {
        let atoms = self.memberships.atoms();
        // Adding up an atom takes as long as counting a few organisations.
        let by_atom = self.respondents.len() > atoms.len() * FEW;
        let mut counts: Option<Grid<Atoms, Values, u32>> =
            by_atom.then(|| Grid::filled(atoms, all.occurring.values(), 0));
        for (one, value) in self.respondents.iter().zip(&self.values) {
            let Some(membership) = self.memberships.get(one.member) else { continue };
            let Some(value) = all.occurring.find(*value) else { continue };
            if let Some(counts) = counts.as_mut().filter(|_| !membership.shared) {
                counts[(membership.atom, value)] += 1;
                continue;
            }
            for (_, cohort) in one.counts_in.select(self.memberships.cohorts(membership)) {
                if let Some(row) = all.rows[cohort] {
                    all.up_to[(row, value)] += 1;
                }
            }
        }
        let Some(counts) = counts else { return };
        for (atom, cohorts) in atoms.iter() {
            for row in cohorts.values().flatten().filter_map(|cohort| all.rows[*cohort]) {
                all.up_to[row].iter_mut().zip(&counts[atom]).for_each(|(count, here)| *count += here);
            }
        }
    }

    /// Adds up what jitter depends on, in the cohorts in which it matters.
    fn add_up_prints(
        &self,
        fingerprints: &Fingerprints,
        coding: &Coding,
        drawn: &ByCohort<bool>,
        digests: &mut ByCohort<u128>,
    ) {
        if !drawn.values().any(|drawn| *drawn) {
            return;
        }
        let memberships = self.memberships;
        let any = |cohorts: &MemberCohorts| cohorts.values().flatten().any(|cohort| drawn[*cohort]);
        // Of the atoms that are in such a cohort.
        let mut atoms: By<Atoms, Option<u128>> =
            memberships.atoms().map(|atom| any(&memberships.atoms()[atom]).then_some(0));
        // Few at a time, which stay in the processor's cache.
        let mut prints: Vec<(Respondent, u8, u128)> = Vec::with_capacity(FEW_PRINTS);
        let mut add_up = |prints: &mut Vec<(Respondent, u8, u128)>, atoms: &mut By<Atoms, Option<u128>>| {
            fingerprints.print(prints);
            for (one, _, print) in prints.drain(..) {
                let Some(membership) = memberships.get(one.member) else { continue };
                if !membership.shared {
                    if let Some(sum) = &mut atoms[membership.atom] {
                        *sum = sum.wrapping_add(print);
                    }
                    continue;
                }
                let cohorts = one.counts_in.select(memberships.cohorts(membership));
                for (_, cohort) in cohorts.filter(|(_, cohort)| drawn[*cohort]) {
                    digests[cohort] = digests[cohort].wrapping_add(print);
                }
            }
        };
        for (one, value) in self.respondents.iter().zip(&self.values) {
            let Some(membership) = memberships.get(one.member) else { continue };
            if atoms[membership.atom].is_some() {
                prints.push((*one, coding.code(*value), 0));
                if prints.len() == FEW_PRINTS {
                    add_up(&mut prints, &mut atoms);
                }
            }
        }
        add_up(&mut prints, &mut atoms);
        for (cohorts, sum) in memberships.atoms().values().zip(atoms.values()) {
            let Some(sum) = sum else { continue };
            for cohort in cohorts.values().flatten().filter(|cohort| drawn[**cohort]) {
                digests[*cohort] = digests[*cohort].wrapping_add(*sum);
            }
        }
    }
}

/// Sorted, each once.
pub fn distinct<T: Ord>(mut items: Vec<T>) -> impl ExactSizeIterator<Item = T> {
    items.sort_unstable();
    items.dedup();
    items.into_iter()
}
