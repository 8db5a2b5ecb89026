//! R17: a number changes only when many control groups changed what it was computed from (R32 says how many); until then it
//! is published again as it was, and the changes add up.

use super::{
    change::{Needed, alike, needed},
    code::Coding,
};
use crate::domain::release::{
    cohorts::{
        index::{By, ByCohort, CohortIx, GroupIx, ListIx, Lists},
        lattice::SlotSet,
        membership::Memberships,
    },
    counting::{
        count::{Counted, distinct},
        differences::EarlierList,
        fingerprint::Fingerprints,
        respondent::Respondent,
    },
    earlier::{
        ledger::List,
        previous::{Baseline, Earlier, Past},
    },
    error::ReleaseError,
    item::Item,
    parameters::{Parameters, Rule},
    release_key::ReleaseKey,
};

/// The number that a cell may show in one cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A new number.
    Anew,
    /// The number that it showed before, which stands on the list of this release.
    AsBefore(u32),
    /// None: it showed nothing at this release, and too few changed since.
    Refused(u32),
}

/// The numbers that a cell may show, and the lists that they stand on.
pub struct Refreshed<'f> {
    pub choices: ByCohort<Choice>,
    /// The earlier number that stays where today's list may not be shown, and its list (R34).
    pub instead: ByCohort<Option<(u32, ListIx)>>,
    /// The lists that numbers may stand on. The first, of this release, is none of an earlier one.
    pub lists: By<Lists, Option<EarlierList<'f>>>,
    /// All respondents of these lists, before any rule leaves some out.
    pub whole: By<Lists, List<Respondent>>,
    /// The list of this release.
    pub now: ListIx,
    /// The list that each cohort's number would stand on.
    pub stands: ByCohort<ListIx>,
}

/// A cell before it is decided whether it shows a new number.
pub struct Before<'f, 'c> {
    pub parameters: &'f Parameters,
    pub key: &'c ReleaseKey,
    pub fingerprints: &'c Fingerprints,
    pub item: &'c Item,
    pub earlier: Option<&'f Earlier<'f>>,
    pub past: &'c Past,
    /// The seeds that its lists may be kept under, the likelier first.
    pub seeds: [u64; 2],
    /// The coding of values in this release.
    pub coding: &'c Coding,
}

/// R17: compares a cell with the lists that its numbers stand on, cohort by cohort. `everyone` is its list of now, tagged.
pub fn compare<'f>(
    before: &Before<'f, '_>,
    counted: &Counted<'f>,
    everyone: List<Respondent>,
) -> Result<Refreshed<'f>, ReleaseError> {
    let (mut lists, mut whole) = (By::default(), By::default());
    let now = lists.push(None).ok_or(ReleaseError::TooLarge)?;
    whole.push(everyone).ok_or(ReleaseError::TooLarge)?;
    let (stands, instead) = (counted.sizes.filled(now), counted.sizes.filled(None));
    let Some(earlier) = before.earlier.filter(|_| before.parameters.holds(Rule::R17)) else {
        let choices = counted.sizes.filled(Choice::Anew);
        return Ok(Refreshed { choices, instead, lists, whole, now, stands });
    };
    let baselines = &before.past.baselines;
    let choices = baselines.map(|cohort| Choice::Refused(baselines[cohort]));
    let mut this = Refreshed { choices, instead, lists, whole, now, stands };
    for baseline in distinct(baselines.values().copied().collect()) {
        let standing = baselines.indices().filter(|cohort| baselines[*cohort] == baseline);
        this.compare((earlier, before), counted, baseline, standing)?;
    }
    Ok(this)
}

impl<'f> Refreshed<'f> {
    /// The members of each list; `now` holds those of this release.
    pub fn memberships(&self, now: &'f Memberships) -> By<Lists, &'f Memberships> {
        self.lists.map(|list| self.lists[list].as_ref().map_or(now, |earlier| earlier.memberships))
    }

    /// Decides on the cohorts that stand on the list of one release.
    fn compare(
        &mut self,
        (earlier, before): (&'f Earlier<'f>, &Before<'f, '_>),
        counted: &Counted<'f>,
        number: u32,
        cohorts: impl Iterator<Item = CohortIx>,
    ) -> Result<(), ReleaseError> {
        let parameters = before.parameters;
        let baseline = match number {
            // Before its first list nobody contributed.
            0 => None,
            _ => Some(earlier.baseline(number).ok_or(ReleaseError::NoBaseline { number })?),
        };
        let (mut then, changed) = match baseline {
            None => (None, counted.sizes.map(|cohort| counted.groups(cohort))),
            Some(baseline) => {
                let list = baseline.list(&before.seeds)?;
                let everyone = before.as_then(counted, baseline, &list, &self.whole[self.now]);
                let everyone = everyone.as_deref().unwrap_or(&self.whole[self.now].respondents);
                let (apart, changed) = changed(parameters, (counted, everyone), baseline, &list.respondents);
                (Some((apart, list)), changed)
            }
        };
        let m = baseline.map(|baseline| baseline.ledger.parameters.known.m);
        let Needed { number: to_change, door } = needed(parameters, before.key, before.item, (number, m));
        let doors = parameters.holds(Rule::R34);
        let mut list = None;
        for cohort in cohorts {
            let changes = changed[cohort];
            let shown = before.past.shown[cohort].or(before.past.withdrawn[cohort].filter(|_| !doors));
            let choice = match shown {
                None if changes >= door => Choice::Anew,
                None => Choice::Refused(number),
                Some(_) if changes >= to_change => Choice::Anew,
                Some(_) => Choice::AsBefore(number),
            };
            // Nothing stands on no list.
            if shown.is_some() && changes < door.max(to_change) && number > 0 {
                if let Some((apart, whole)) = then.take() {
                    list = self.lists.push(Some(apart));
                    self.whole.push(whole).ok_or(ReleaseError::TooLarge)?;
                }
                let list = list.ok_or(ReleaseError::NoBaseline { number })?;
                match choice {
                    Choice::AsBefore(_) => self.stands[cohort] = list,
                    _ if doors => self.instead[cohort] = Some((number, list)),
                    _ => {}
                }
            }
            self.choices[cohort] = choice;
        }
        Ok(())
    }
}

impl Before<'_, '_> {
    /// The list of now with the tags of an earlier one; `None` where it has them.
    fn as_then(
        &self,
        counted: &Counted<'_>,
        then: &Baseline<'_>,
        list: &List<Respondent>,
        now: &List<Respondent>,
    ) -> Option<Vec<Respondent>> {
        let raw = (!self.parameters.holds(Rule::R32)).then(Coding::raw);
        let coding = raw.as_ref().unwrap_or_else(|| then.coding(self.item.unit()));
        let same = then.ledger.edition() > 1 && list.tag_seed == now.tag_seed && coding == self.coding;
        (!same).then(|| alike(counted, self.fingerprints, (then, list), coding))
    }
}

/// Returns what sets an earlier release's list apart, and by cohort the control groups whose contribution is another one
/// now: joined, left or changed.
fn changed<'p>(
    parameters: &Parameters,
    (now, everyone): (&Counted<'_>, &[Respondent]),
    then: &'p Baseline<'_>,
    list: &[Respondent],
) -> (EarlierList<'p>, ByCohort<u32>) {
    let mut counts = now.sizes.filled(0_u32);
    let mut moved = Vec::new();
    let mut touched = Vec::new();
    let mut old = list.iter().copied().peekable();
    let mut new = everyone.iter().copied().peekable();
    loop {
        let member = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(one), None) | (None, Some(one)) => one.member,
            (Some(a), Some(b)) => a.member.min(b.member),
        };
        let before = old.next_if(|one| one.member == member);
        let after = new.next_if(|one| one.member == member);
        let was_in = |one: Option<Respondent>| in_cohorts(then.memberships(), one);
        let is_in = |one: Option<Respondent>| in_cohorts(now.memberships, one);
        if let (Some(before), Some(after)) = (before, after)
            && then.is_settled(member)
        {
            if before.counts_in != after.counts_in {
                moved.push((member, Some(before)));
            }
            // Of who contributes the same R12 may leave out more or fewer, which is no change of its own.
            let same = before.counts_in == after.counts_in || parameters.holds(Rule::R32);
            if before.tag == after.tag && same {
                continue;
            }
            let both = was_in(Some(before)).chain(is_in(Some(after)));
            if then.units.is_alone(member) {
                distinct(both.map(|(cohort, _)| cohort).collect()).for_each(|cohort| counts[cohort] += 1);
            } else {
                touched.extend(both);
            }
            continue;
        }
        let nowhere = |one: Option<Respondent>| one.is_none_or(|one| one.counts_in == SlotSet::default());
        if nowhere(before) && nowhere(after) {
            continue;
        }
        moved.push((member, before));
        if then.units.is_alone(member) && (before.is_none() || after.is_none()) {
            was_in(before).chain(is_in(after)).for_each(|(cohort, _)| counts[cohort] += 1);
            continue;
        }
        let (left, joined): (Vec<_>, Vec<_>) = (was_in(before).collect(), is_in(after).collect());
        // Of who contributes the same, only where it begins or ends to count. The place names the control group.
        let same = before.zip(after).is_some_and(|(before, after)| before.tag == after.tag);
        touched.extend(left.iter().filter(|at| !same || !joined.contains(at)));
        touched.extend(joined.iter().filter(|at| !same || !left.contains(at)));
    }
    let touched = touched.into_iter().map(|(cohort, group)| (cohort, then.units.of(group)));
    for (cohort, _) in distinct(touched.collect()) {
        counts[cohort] += 1;
    }
    (EarlierList { memberships: then.memberships(), moved }, counts)
}

/// The cohorts in which a respondent counts, each with its control group.
fn in_cohorts(
    memberships: &Memberships,
    one: Option<Respondent>,
) -> impl Iterator<Item = (CohortIx, GroupIx)> + use<'_> {
    let of = one.and_then(|one| {
        let membership = memberships.get(one.member)?;
        Some((one.counts_in, memberships.cohorts(membership), memberships.group(one.member)?))
    });
    of.into_iter().flat_map(|(counts_in, cohorts, group)| {
        counts_in.select(cohorts).map(move |(_, cohort)| (cohort, group))
    })
}
