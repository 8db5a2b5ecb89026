//! R17: a number changes only when at least m control groups changed what it was computed from; until then it is
//! published again as it was, and the changes add up. R28: a looser parameter acts on a cell with its next new number, a
//! tighter one at once.

use crate::domain::release::{
    cohorts::{
        index::{By, ByCohort, CohortIx, GroupIx, ListIx, Lists},
        membership::Memberships,
    },
    counting::{
        count::{Counted, distinct},
        differences::EarlierList,
        respondent::Respondent,
    },
    earlier::previous::{Baseline, Earlier, KnownCell},
    error::ReleaseError,
    parameters::{Parameters, Rule},
};

/// The number that a cell may show in one cohort.
#[derive(Clone, Copy)]
pub enum Choice<'p> {
    /// A new number, under these parameters.
    Anew(&'p Parameters),
    /// The number that it showed before, which stands on the list of this release.
    AsBefore(u32),
    /// None: it showed a number that the parameters no longer allow, and too few changed for a new one.
    Withheld(u32),
    /// None: it showed nothing at this release, and too few changed since.
    Refused(u32),
}

/// The numbers that a cell may show, and the lists that they stand on.
pub struct Refreshed<'f> {
    pub choices: ByCohort<Choice<'f>>,
    /// The lists that numbers would stand on. The first, of this release, is none of an earlier one.
    pub lists: By<Lists, Option<EarlierList<'f>>>,
    /// The list of this release.
    pub now: ListIx,
    /// The list that each cohort's number would stand on.
    pub stands: ByCohort<ListIx>,
}

/// The cell as the release before left it.
pub struct Before<'f> {
    pub earlier: Option<&'f Earlier<'f>>,
    pub known: Option<&'f KnownCell>,
    /// The seeds that its lists may be kept under, the likelier first.
    pub seeds: [u64; 2],
}

/// R17: compares a cell with the lists that its numbers stand on, cohort by cohort.
pub fn compare<'f>(
    parameters: &'f Parameters,
    before: &Before<'f>,
    counted: &Counted<'f>,
) -> Result<Refreshed<'f>, ReleaseError> {
    let mut lists = By::default();
    let now = lists.push(None).ok_or(ReleaseError::TooLarge)?;
    let stands = counted.sizes.filled(now);
    let Some(earlier) = before.earlier.filter(|_| parameters.holds(Rule::R17)) else {
        let choices = counted.sizes.map(|_| Choice::Anew(parameters));
        return Ok(Refreshed { choices, lists, now, stands });
    };
    let baselines = counted.sizes.map(|cohort| earlier.baseline_of(before.known, cohort));
    let choices = baselines.map(|cohort| Choice::Refused(baselines[cohort]));
    let mut this = Refreshed { choices, lists, now, stands };
    for baseline in distinct(baselines.values().copied().collect()) {
        let standing = baselines.indices().filter(|cohort| baselines[*cohort] == baseline);
        this.compare(parameters, (earlier, before), counted, baseline, standing)?;
    }
    Ok(this)
}

impl<'f> Refreshed<'f> {
    /// Decides on the cohorts that stand on the list of one release.
    fn compare(
        &mut self,
        parameters: &'f Parameters,
        (earlier, before): (&'f Earlier<'f>, &Before<'f>),
        counted: &Counted<'f>,
        number: u32,
        cohorts: impl Iterator<Item = CohortIx>,
    ) -> Result<(), ReleaseError> {
        let baseline = match number {
            // Before its first list nobody contributed.
            0 => None,
            _ => Some(earlier.baseline(number).ok_or(ReleaseError::NoBaseline { number })?),
        };
        let (mut then, changed) = match baseline {
            None => (None, counted.sizes.map(|cohort| counted.groups(cohort))),
            Some(baseline) => {
                let (then, changed) = changed(counted, baseline, &baseline.list(&before.seeds)?);
                (Some(then), changed)
            }
        };
        let (m, tighter) = terms(parameters, baseline);
        let mut list = None;
        for cohort in cohorts {
            let changes = changed[cohort];
            let shown = || earlier.row(before.known?, cohort);
            let choice = match tighter {
                _ if changes >= m => Choice::Anew(parameters),
                _ if shown().is_none() => Choice::Refused(number),
                None => Choice::AsBefore(number),
                // The same list under tighter parameters tells nothing new.
                Some(strictest) if changes == 0 => Choice::Anew(strictest),
                Some(_) => Choice::Withheld(number),
            };
            if matches!(choice, Choice::AsBefore(_)) {
                // Nothing stands on no list.
                if let Some(then) = then.take() {
                    list = self.lists.push(Some(then));
                }
                self.stands[cohort] = list.ok_or(ReleaseError::NoBaseline { number })?;
            }
            self.choices[cohort] = choice;
        }
        Ok(())
    }
}

/// R28: how many must have changed, and the parameters of a number that must be shown with less than before.
fn terms<'p>(now: &Parameters, then: Option<&'p Baseline<'_>>) -> (u32, Option<&'p Parameters>) {
    then.filter(|_| now.holds(Rule::R28))
        .map_or((now.m, None), |then| (now.m.max(then.ledger.parameters.known.m), then.tighter.as_ref()))
}

/// Returns what sets an earlier release's list apart, and by cohort the control groups whose contribution is another one
/// now: joined, left or changed.
fn changed<'p>(
    now: &Counted<'_>,
    then: &'p Baseline<'_>,
    list: &[Respondent],
) -> (EarlierList<'p>, ByCohort<u32>) {
    let mut counts = now.sizes.filled(0_u32);
    let mut moved = Vec::new();
    let mut touched = Vec::new();
    let mut old = list.iter().copied().peekable();
    let mut new = now.respondents.iter().copied().peekable();
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
            && before.counts_in == after.counts_in
        {
            if before.tag == after.tag {
                continue;
            }
            if now.memberships.get(member).is_some_and(|membership| membership.shared) {
                touched.extend(is_in(Some(after)));
                continue;
            }
            // Nobody else is of its control group.
            is_in(Some(after)).for_each(|(cohort, _)| counts[cohort] += 1);
            continue;
        }
        moved.push((member, before));
        if then.is_alone(member) && (before.is_none() || after.is_none()) {
            was_in(before).chain(is_in(after)).for_each(|(cohort, _)| counts[cohort] += 1);
            continue;
        }
        let (left, joined): (Vec<_>, Vec<_>) = (was_in(before).collect(), is_in(after).collect());
        // Of who contributes the same, only where it begins or ends to count. The place names the control group.
        let same = before.zip(after).is_some_and(|(before, after)| before.tag == after.tag);
        touched.extend(left.iter().filter(|at| !same || !joined.contains(at)));
        touched.extend(joined.iter().filter(|at| !same || !left.contains(at)));
    }
    for (cohort, _) in distinct(touched) {
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
