//! One cell in every cohort: what it may show now (R9 to R11), and whether it shows a number of now or the one it showed
//! before (R17, R28).

use std::{collections::BTreeMap, sync::Arc};

use super::{
    cohorts::membership::Seat,
    counting::{
        count::Scan,
        differences::{Columns, Lists},
        quantile::Histogram,
        respondent::Kept,
    },
    earlier::{
        ledger::{Entered, Standing, listed},
        previous::Known,
    },
    item::Item,
    parameters::{Parameters, Rule},
    publication::{Row, Shown},
    rules::{
        band::Band,
        display::{draws, show},
        refresh::{Choice, Choices, choices, list_seed},
        threshold_and_difference::{Above, reached},
    },
    run::{Frame, Subjects},
    values::unreleased::Entry,
};

/// A cell after the decision, for the finer columns that are judged against it.
pub(super) struct Decided<'f> {
    lists: Lists<'f>,
    stands: Vec<usize>,
    pub released: Vec<bool>,
}

/// What is published and kept of a cell.
#[derive(Default)]
pub(super) struct Outcome {
    /// Rows with the position of their cohort.
    pub rows: Vec<(usize, Arc<Item>, Row)>,
    pub entered: Vec<Entered>,
}

/// Decides a cell; `within` says that the list is known to be part of those `above`. `None` where it is released nowhere.
pub(super) fn decide<'f>(
    frame: &'f Frame<'_>,
    subjects: &Subjects<'f>,
    entries: &[Entry],
    above: &[&Decided<'f>],
    within: bool,
) -> (Option<Decided<'f>>, Outcome) {
    if let Some(outcome) = refuse(frame, subjects, entries) {
        return (None, outcome);
    }
    let cohorts = frame.lattice.cohorts().len();
    let now = Scan::now(&frame.seating, cohorts, entries, frame.parameters);
    let Choices { now, then, stands, choices, seed } = choices(frame, subjects, now);
    let candidates: Vec<bool> = choices
        .iter()
        .zip(&frame.published)
        .map(|(choice, published)| *published && matches!(choice, Choice::Anew(_) | Choice::AsBefore(_)))
        .collect();
    let lists = Lists::new(now, &then);
    let above: Vec<Above<'_>> = above
        .iter()
        .map(|above| Above {
            columns: Columns::new(&above.lists, &lists, within),
            stands: &above.stands,
            released: &above.released,
        })
        .collect();
    let reached = reached(&frame.lattice, frame.parameters, &lists, &stands, &candidates, &above);
    let mut released = frame.span.safe(&frame.lattice, frame.parameters, &lists, reached);
    let now = &lists.now;
    let list = choices.iter().any(Choice::is_anew).then(|| listed(&now.kept));
    // Items of one list show the same and keep it once, under the first one's seed.
    let fresh =
        subjects.first().map_or_else(Vec::new, |(item, _)| new_rows(frame, item, now, &choices, &released));
    let mut list = list.map(|list| (list_seed(subjects, seed), list));
    let mut outcome = Outcome::default();
    for subject in subjects {
        outcome.add(frame, subject, &fresh, &choices, &mut released, (seed, list.take()));
    }
    (Some(Decided { lists, stands, released }), outcome)
}

/// Most cells are far from being released anywhere, and never were: fewer organisations than control groups are needed.
/// They are only written down; those that were refused before stay as they stand. `None` where a cell needs more.
fn refuse(frame: &Frame<'_>, subjects: &Subjects<'_>, entries: &[Entry]) -> Option<Outcome> {
    let (first, known) = subjects.first()?;
    let parameters = frame.parameters;
    let is_short = usize::try_from(parameters.k).is_ok_and(|k| entries.len() < k);
    if !is_short || *first == Item::Members || !parameters.holds(Rule::R9) {
        return None;
    }
    let entered = |item: &Item, standing: Standing, list| Entered { item: item.clone(), standing, list };
    if let Some(known) = known {
        // A cell that shows something, or did, is looked at closely; so is one of another lattice.
        let refused = frame.history.as_ref().is_some_and(|history| history.is_refused(known));
        let stays = || subjects.iter().map(|(item, _)| entered(item, known.standing.clone(), None)).collect();
        return refused.then(|| Outcome { rows: Vec::new(), entered: stays() });
    }
    let seats = entries.iter().map(|entry| Some((entry, frame.seating.seat(entry.member)?)));
    let seats: Vec<_> = seats.collect::<Option<_>>()?;
    let scale = seats.first().map(|(entry, _)| entry.scale);
    // R12 and the commonest scale decide more than whether the list is long enough.
    if seats.iter().any(|(entry, seat)| seat.shared || Some(entry.scale) != scale) {
        return None;
    }
    let seed = frame.key.seed(&first.to_string());
    let kept = |(entry, seat): &(&Entry, Seat)| Kept {
        member: entry.member,
        value: entry.value,
        mask: seat.mask,
        tag: 0,
    };
    let mut kept: Vec<Kept> = seats.iter().map(kept).collect();
    frame.fingerprints.tag(&mut kept, seed);
    let footing = vec![frame.number; frame.lattice.cohorts().len()];
    let standing = Standing { seed, footing, withdrawn: BTreeMap::new() };
    let mut list = Some((list_seed(subjects, seed), listed(&kept)));
    let entered = subjects.iter().map(|(item, _)| entered(item, standing.clone(), list.take())).collect();
    Some(Outcome { rows: Vec::new(), entered })
}

impl Outcome {
    pub fn merge(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.entered.extend(other.entered);
    }

    fn add(
        &mut self,
        frame: &Frame<'_>,
        (item, known): &(Item, Option<&Known>),
        fresh: &[Option<Row>],
        choices: &[Choice],
        released: &mut [bool],
        (seed, list): (u64, Option<(u64, Vec<u8>)>),
    ) {
        let shared = Arc::new(item.clone());
        let mut standing =
            Standing { seed, footing: Vec::with_capacity(choices.len()), withdrawn: BTreeMap::new() };
        for (position, (choice, released)) in choices.iter().zip(released).enumerate() {
            let before = || {
                frame.history.as_ref().zip(*known).and_then(|(history, known)| history.row(known, position))
            };
            match choice {
                Choice::Anew(_) => {
                    standing.footing.push(frame.number);
                    let row = fresh.get(position).copied().flatten();
                    *released = row.is_some();
                    if let Some(row) = row {
                        let since =
                            before().filter(|old| (old.shown, old.members) == (row.shown, row.members));
                        let same_since = since.map_or(frame.number, |old| old.same_since);
                        self.rows.push((position, Arc::clone(&shared), Row { same_since, ..row }));
                    }
                }
                Choice::AsBefore(footing) | Choice::Withheld(footing) => {
                    standing.footing.push(*footing);
                    match before() {
                        Some(row) if *released => self.rows.push((position, Arc::clone(&shared), row)),
                        Some(row) => {
                            standing.withdrawn.insert(position, row);
                        }
                        // It was not published then, so there is nothing to show again.
                        None => *released = false,
                    }
                }
                Choice::Refused(footing) => standing.footing.push(*footing),
            }
        }
        if standing.footing.iter().any(|footing| *footing > 0) {
            self.entered.push(Entered { item: item.clone(), standing, list });
        }
    }
}

/// By cohort, the new numbers.
fn new_rows(
    frame: &Frame<'_>,
    item: &Item,
    now: &Scan<'_>,
    choices: &[Choice<'_>],
    released: &[bool],
) -> Vec<Option<Row>> {
    let terms = |cohort: usize| match choices.get(cohort) {
        Some(Choice::Anew(parameters)) if released.get(cohort) == Some(&true) => Some(*parameters),
        _ => None,
    };
    let anew = (0..released.len()).map(|cohort| terms(cohort).is_some());
    let draws = |cohort: usize, histogram: Histogram<'_>| {
        terms(cohort).is_some_and(|terms| draws(now.groups(cohort), histogram, item, terms))
    };
    let histograms = now.histograms(&frame.fingerprints, anew, draws);
    let row =
        |cohort: usize| new_row(frame, item, (now.groups(cohort), histograms.of(cohort)?), terms(cohort)?);
    (0..released.len()).map(row).collect()
}

fn new_row(
    frame: &Frame<'_>,
    item: &Item,
    (groups, histogram): (u32, Histogram<'_>),
    parameters: &Parameters,
) -> Option<Row> {
    let shown = match item {
        Item::Members => Shown::Few,
        _ => show(groups, histogram, item, parameters, frame.key)?,
    };
    // Only a test without the threshold gets below the lowest band.
    let lowest = (!frame.parameters.holds(Rule::R9)).then_some(Band::From10);
    Some(Row { shown, members: Band::of(groups).or(lowest)?, same_since: frame.number })
}
