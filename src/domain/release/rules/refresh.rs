//! R17: a number changes only when at least m control groups changed what it was computed from; until then it is
//! published again as it was, and the changes add up. R28: a looser parameter acts on a cell with its next new number, a
//! tighter one at once.

use std::collections::BTreeSet;

use crate::domain::release::{
    cohorts::membership::Seating,
    counting::{
        count::{Scan, distinct},
        differences::Then,
        respondent::Kept,
    },
    earlier::previous::{History, Past},
    item::Item,
    parameters::{Parameters, Rule},
    run::{Frame, Subjects},
};

/// What may become of a cell in one cohort.
#[derive(Clone, Copy)]
pub enum Choice<'p> {
    /// A new number, under these parameters.
    Anew(&'p Parameters),
    /// The number that it showed before, which stands on the list of this release.
    AsBefore(u32),
    /// It showed a number that the parameters no longer allow, and too few changed for a new one.
    Withheld(u32),
    /// It showed nothing at this release, and too few changed since.
    Refused(u32),
}

impl Choice<'_> {
    pub fn is_anew(&self) -> bool {
        matches!(self, Self::Anew(_))
    }
}

pub struct Choices<'f> {
    pub now: Scan<'f>,
    /// The lists of earlier releases that numbers would stand on.
    pub then: Vec<Then<'f>>,
    /// By cohort, the list that its number would stand on: 0 is the one of this release.
    pub stands: Vec<usize>,
    pub choices: Vec<Choice<'f>>,
    pub seed: u64,
}

/// What may become of a cell, cohort by cohort.
pub fn choices<'f>(frame: &'f Frame<'_>, subjects: &Subjects<'f>, mut now: Scan<'f>) -> Choices<'f> {
    let cohorts = now.cohorts.len();
    let known = subjects.first().and_then(|(_, known)| *known);
    let fresh = || subjects.first().map_or(0, |(item, _)| frame.key.seed(&item.to_string()));
    let seed = known.map_or_else(fresh, |known| known.standing.seed);
    frame.fingerprints.tag(&mut now.kept, seed);
    let mut this = Choices { now, then: Vec::new(), stands: vec![0; cohorts], choices: Vec::new(), seed };
    let Some(history) = frame.history.as_ref().filter(|_| frame.parameters.holds(Rule::R17)) else {
        this.choices = vec![Choice::Anew(frame.parameters); cohorts];
        return this;
    };
    let footings: Vec<u32> = (0..cohorts).map(|cohort| history.footing(known, cohort)).collect();
    this.choices = footings.iter().map(|footing| Choice::Refused(*footing)).collect();
    for footing in distinct(footings.clone()) {
        let of_footing = |cohort: &usize| footings.get(*cohort) == Some(&footing);
        this.compare(frame, history, subjects, footing, (0..cohorts).filter(of_footing));
    }
    this
}

impl<'f> Choices<'f> {
    /// The cohorts that stand on the list of one release.
    fn compare(
        &mut self,
        frame: &'f Frame<'_>,
        history: &'f History<'_>,
        subjects: &Subjects<'f>,
        footing: u32,
        cohorts: impl Iterator<Item = usize>,
    ) {
        let past = history.past(footing);
        let (then, changed) = match past {
            // Before its first list nobody contributed.
            None if footing == 0 => (None, self.now.cohorts.iter().map(|count| count.groups).collect()),
            // What cannot be evaluated is not released (R26).
            None => return,
            Some(past) => match past.list(&[list_seed(subjects, self.seed), self.seed]) {
                None => return,
                Some(list) => {
                    let (then, changed) = changed(&self.now, past, &list);
                    (Some(then), changed)
                }
            },
        };
        let (m, tighter) = terms(frame.parameters, past);
        let known = subjects.first().and_then(|(_, known)| *known);
        let is_new = |cohort| {
            matches!(subjects, [(Item::Members, _)]) && !differs_enough(frame, history, &self.now, cohort)
        };
        let position = self.then.len() + 1;
        let mut stood_on = false;
        for cohort in cohorts {
            let changes = changed.get(cohort).copied().unwrap_or_default();
            let shown = || history.row(known?, cohort);
            let choice = match tighter {
                _ if is_new(cohort) => Choice::Refused(footing),
                _ if changes >= m => Choice::Anew(frame.parameters),
                _ if shown().is_none() => Choice::Refused(footing),
                None => Choice::AsBefore(footing),
                // The same list under tighter parameters tells nothing new.
                Some(strictest) if changes == 0 => Choice::Anew(strictest),
                Some(_) => Choice::Withheld(footing),
            };
            if matches!(choice, Choice::AsBefore(_)) {
                self.stands.get_mut(cohort).into_iter().for_each(|stands| *stands = position);
                stood_on = true;
            }
            if let Some(slot) = self.choices.get_mut(cohort) {
                *slot = choice;
            }
        }
        self.then.extend(then.filter(|_| stood_on));
    }
}

/// What a list is kept under. A cell alone keeps its own; with its technology's column it shares one.
pub fn list_seed(subjects: &Subjects<'_>, seed: u64) -> u64 {
    match subjects {
        [(Item::Cell(..), _)] => seed.wrapping_add(1),
        _ => seed,
    }
}

/// R28: how many must have changed, and the parameters of a number that must be shown with less than before.
fn terms<'p>(now: &Parameters, past: Option<&'p Past<'_>>) -> (u32, Option<&'p Parameters>) {
    past.map_or((now.m, None), |past| {
        (now.m.max(past.footing.head.parameters.known.m), past.tighter.as_ref())
    })
}

/// What sets an earlier release's list apart, and by cohort the control groups whose contribution is another one now:
/// joined, left or changed.
fn changed<'p>(now: &Scan<'_>, past: &'p Past<'_>, list: &[Kept]) -> (Then<'p>, Vec<u32>) {
    let mut counts = vec![0_u32; now.cohorts.len()];
    let mut moved = Vec::new();
    let mut touched = Vec::new();
    let mut old = list.iter().copied().peekable();
    let mut new = now.kept.iter().copied().peekable();
    loop {
        let member = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(one), None) | (None, Some(one)) => one.member,
            (Some(a), Some(b)) => a.member.min(b.member),
        };
        let before = old.next_if(|one| one.member == member);
        let after = new.next_if(|one| one.member == member);
        if let (Some(before), Some(after)) = (before, after)
            && past.is_settled(member)
            && before.mask == after.mask
        {
            let Some(seat) = now.seating.seat(member).filter(|_| before.tag != after.tag) else { continue };
            if seat.shared {
                let group = now.seating.group(member);
                touched.extend(now.seating.cohorts(seat, after.mask).map(|cohort| (cohort, group)));
                continue;
            }
            // Nobody else is of its control group.
            for cohort in now.seating.cohorts(seat, after.mask) {
                counts.get_mut(cohort).into_iter().for_each(|count| *count += 1);
            }
            continue;
        }
        moved.push((member, before));
        if past.is_alone(member) && (before.is_none() || after.is_none()) {
            let was = before.and_then(|one| Some(past.seating.cohorts(past.seating.seat(member)?, one.mask)));
            let is = after.and_then(|one| Some(now.seating.cohorts(now.seating.seat(member)?, one.mask)));
            for cohort in was.into_iter().flatten().chain(is.into_iter().flatten()) {
                counts.get_mut(cohort).into_iter().for_each(|count| *count += 1);
            }
            continue;
        }
        let places = |seating: &Seating, one: Option<Kept>| -> Vec<(usize, u32)> {
            let seat = one.and_then(|one| Some((seating.seat(member)?, one.mask)));
            let cohorts = seat.into_iter().flat_map(|(seat, mask)| seating.cohorts(seat, mask));
            cohorts.map(|cohort| (cohort, seating.group(member))).collect()
        };
        let (left, joined) = (places(&past.seating, before), places(now.seating, after));
        // Of who contributes the same, only where it begins or ends to count. The place names the control group.
        let same = before.zip(after).is_some_and(|(before, after)| before.tag == after.tag);
        touched.extend(left.iter().filter(|at| !same || !joined.contains(at)));
        touched.extend(joined.iter().filter(|at| !same || !left.contains(at)));
    }
    for (cohort, _) in distinct(touched) {
        counts.get_mut(cohort).into_iter().for_each(|count| *count += 1);
    }
    (Then { seating: &past.seating, moved }, counts)
}

/// R13: a cohort that did not exist differs from every one that was published by none or at least d control groups.
fn differs_enough(frame: &Frame<'_>, history: &History<'_>, now: &Scan<'_>, cohort: usize) -> bool {
    if !history.is_new(cohort) {
        return true;
    }
    let slot = frame.lattice.slot(cohort);
    let inside =
        now.kept.iter().filter(|one| one.mask & 1 << slot != 0 && now.cohorts_of(one).any(|of| of == cohort));
    let footed = |one: &Kept| {
        let footed = frame.footed.get(usize::try_from(one.member).ok()?)?;
        Some((footed.organisation, footed.group))
    };
    let inside: BTreeSet<(u64, u64)> = inside.filter_map(footed).collect();
    history.published().iter().all(|before| {
        let groups: BTreeSet<u64> = inside.symmetric_difference(before).map(|(_, group)| *group).collect();
        groups.is_empty() || u32::try_from(groups.len()).is_ok_and(|groups| groups >= frame.parameters.d)
    })
}
