//! One cell: what is decided of it, and what is written down of the decision.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    cohorts::index::{ByCohort, CoarserListIx, CohortIx, ListIx},
    counting::{
        count::Counted,
        differences::{CellLists, ColumnDifference},
        respondent::Respondent,
    },
    earlier::{
        ledger::{CellState, LedgerEntry, listed},
        previous::KnownCell,
    },
    error::ReleaseError,
    item::Item,
    parameters::Rule,
    publication::Row,
    rules::{
        new_cohort::differs_enough,
        reason::{Reason, Verdict},
        refresh::{Before, Choice, Refreshed},
        threshold_and_difference::Above,
    },
    run::Run,
    values::entry::Entry,
};

/// What is decided together: items that have the same list (a technology's column and its cell, of a technique that
/// nothing rolls up into), with what was known of each.
pub type Subjects<'f> = [(Item, Option<&'f KnownCell>)];

/// One cell to be decided in every cohort.
pub struct Cell<'f, 'c> {
    pub subjects: &'c Subjects<'f>,
    /// The first of the subjects.
    pub item: &'c Item,
    pub entries: &'c [Entry],
    /// The coarser columns of its technique.
    pub above: &'c [&'c Decision<'f>],
    /// Says that the list is known to be part of those `above`.
    pub within: bool,
}

/// A cell after the decision, for the finer columns that are judged against it.
pub struct Decision<'f> {
    lists: CellLists<'f>,
    now: CoarserListIx,
    stands: ByCohort<CoarserListIx>,
    pub verdicts: ByCohort<Verdict>,
}

impl<'f> Decision<'f> {
    pub fn new(
        lists: CellLists<'f>,
        now: ListIx,
        stands: &ByCohort<ListIx>,
        verdicts: ByCohort<Verdict>,
    ) -> Self {
        let stands = stands.map(|cohort| stands[cohort].of_coarser());
        Self { lists, now: now.of_coarser(), stands, verdicts }
    }

    /// The coarser column that a finer one is judged against. `within` says that the finer one's list is known to be part of
    /// this one's.
    pub fn above<'c>(&'c self, finer: &CellLists<'f>, within: bool) -> Above<'c>
    where
        'f: 'c,
    {
        let difference = ColumnDifference::new(&self.lists, finer, within);
        Above { difference, now: self.now, stands: &self.stands, verdicts: &self.verdicts }
    }
}

/// A decision, unless the cell is shown nowhere, and what comes of it.
pub type Decided<'f> = (Option<Decision<'f>>, Outcome);

/// The rules of one cell.
pub type Policy = for<'f, 'r, 'c> fn(&'f Run<'r>, &Cell<'f, 'c>) -> Result<Decided<'f>, ReleaseError>;

/// What is published and kept of a cell.
#[derive(Default)]
pub struct Outcome {
    /// Rows with their cohort.
    pub rows: Vec<(CohortIx, Arc<Item>, Row)>,
    pub entries: Vec<LedgerEntry>,
}

impl<'f> Cell<'f, '_> {
    fn known(&self) -> Option<&'f KnownCell> {
        self.subjects.first().and_then(|(_, known)| *known)
    }

    /// The seed of the cell's digests.
    pub fn seed(&self, run: &Run<'_>) -> u64 {
        self.known().map_or_else(|| run.terms.key.seed(&self.item.to_string()), |known| known.state.seed)
    }

    /// The seed that a list is kept under. A cell alone keeps its own; with its technology's column it shares one.
    fn list_seed(&self, seed: u64) -> u64 {
        match self.subjects {
            [(Item::Cell(..), _)] => seed.wrapping_add(1),
            _ => seed,
        }
    }

    /// The cell as the release before left it.
    pub fn before(&self, run: &'f Run<'_>, seed: u64) -> Before<'f> {
        Before { earlier: run.earlier.as_ref(), known: self.known(), seeds: [self.list_seed(seed), seed] }
    }

    /// Asks R9 where it is seen at once: fewer organisations than control groups are needed. Such cells are only written down;
    /// those that were refused before stay as they stand. Returns `None` where a cell needs more.
    pub fn short(&self, run: &Run<'_>) -> Result<Option<Outcome>, ReleaseError> {
        let parameters = run.terms.parameters;
        let is_short = usize::try_from(parameters.k).is_ok_and(|k| self.entries.len() < k);
        if !is_short || *self.item == Item::Members || !parameters.holds(Rule::R9) {
            return Ok(None);
        }
        let threshold = || run.cohorts.map(|cohort| run.cohorts[cohort].and(Err(Reason::Threshold)));
        if let Some(known) = self.known() {
            // A cell that shows something, or did, is looked at closely; so is one of another lattice.
            let Some(earlier) = run.earlier.as_ref().filter(|earlier| earlier.is_refused(known)) else {
                return Ok(None);
            };
            let state = || CellState {
                seed: known.state.seed,
                baselines: run.cohorts.map(|cohort| earlier.baseline_of(Some(known), cohort)),
                withdrawn: BTreeMap::new(),
            };
            let mut outcome = Outcome::default();
            outcome.explain(run, self, threshold);
            outcome.entries.extend(self.subjects.iter().map(|(item, _)| LedgerEntry {
                item: item.clone(),
                state: state(),
                list: None,
            }));
            return Ok(Some(outcome));
        }
        let scale = self.entries.first().map(|entry| entry.scale);
        let (mut list, mut values) =
            (Vec::with_capacity(self.entries.len()), Vec::with_capacity(self.entries.len()));
        for entry in self.entries {
            let member = entry.member;
            let membership = run.memberships.get(member).ok_or(ReleaseError::Inconsistent)?;
            // R12 and the commonest scale decide more than whether the list is long enough.
            if membership.shared || Some(entry.scale) != scale {
                return Ok(None);
            }
            list.push(Respondent { member, counts_in: membership.counts_in, tag: 0 });
            values.push(entry.value);
        }
        let seed = self.seed(run);
        run.fingerprints.tag(&mut list, &values, seed);
        let mut list = Some((self.list_seed(seed), listed(&list, run.lattice.slots().len())));
        let mut outcome = Outcome::default();
        outcome.explain(run, self, threshold);
        for (item, _) in self.subjects {
            let baselines = run.cohorts.filled(run.terms.number);
            let state = CellState { seed, baselines, withdrawn: BTreeMap::new() };
            outcome.entries.push(LedgerEntry { item: item.clone(), state, list: list.take() });
        }
        Ok(Some(outcome))
    }

    /// The cohorts in which the cell may be shown, as far as R17 and the cohorts themselves decide.
    pub fn candidates(&self, run: &Run<'_>, refreshed: &Refreshed<'_>) -> ByCohort<Verdict> {
        let choices = &refreshed.choices;
        choices.map(|cohort| match choices[cohort] {
            _ if run.cohorts[cohort].is_err() => Err(Reason::Cohort),
            Choice::Anew(_) | Choice::AsBefore(_) => Ok(()),
            Choice::Withheld(_) | Choice::Refused(_) => Err(Reason::Refresh),
        })
    }

    /// Refuses cohorts that are new and differ too little from those that were published (R13). The members decide that.
    pub fn judge_new_cohorts(
        &self,
        run: &Run<'_>,
        counted: &Counted<'_>,
        refreshed: &mut Refreshed<'_>,
    ) -> Result<(), ReleaseError> {
        let parameters = run.terms.parameters;
        let earlier = run.earlier.as_ref().filter(|_| parameters.holds(Rule::R17));
        let Some(earlier) = earlier.filter(|_| *self.item == Item::Members) else { return Ok(()) };
        for cohort in run.lattice.by_cohort().indices() {
            let members = (counted, &run.pseudonyms);
            if !differs_enough(parameters, &run.lattice, earlier, members, cohort)? {
                refreshed.choices[cohort] = Choice::Refused(earlier.baseline_of(self.known(), cohort));
            }
        }
        Ok(())
    }

    /// Writes down the decision: the rows that are shown, and for the next release the list that the numbers stand on.
    pub fn record(
        &self,
        run: &Run<'_>,
        seed: u64,
        mut decision: Decision<'f>,
        (choices, fresh): (&ByCohort<Choice<'_>>, &ByCohort<Option<Row>>),
    ) -> Decided<'f> {
        let is_anew = choices.values().any(|choice| matches!(choice, Choice::Anew(_)));
        // Items of one list show the same and keep it once, under the first one's seed.
        let respondents = &decision.lists.now.respondents;
        let list = is_anew.then(|| listed(respondents, run.lattice.slots().len()));
        let mut list = list.map(|list| (self.list_seed(seed), list));
        let mut outcome = Outcome::default();
        for subject in self.subjects {
            outcome.add(run, subject, (choices, fresh), &mut decision.verdicts, (seed, list.take()));
        }
        outcome.explain(run, self, || decision.verdicts.clone());
        (Some(decision), outcome)
    }
}

impl Outcome {
    pub fn merge(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.entries.extend(other.entries);
    }

    /// Writes down the reasons where somebody asks for them.
    fn explain(&mut self, run: &Run<'_>, cell: &Cell<'_, '_>, verdicts: impl Fn() -> ByCohort<Verdict>) {
        let Some(reasons) = run.terms.reasons else { return };
        let verdicts = verdicts();
        for (item, _) in cell.subjects {
            let named = verdicts.iter().map(|(cohort, verdict)| (&run.lattice.by_cohort()[cohort], *verdict));
            reasons.note(run.basis, item, named);
        }
    }

    fn add(
        &mut self,
        run: &Run<'_>,
        (item, known): &(Item, Option<&KnownCell>),
        (choices, fresh): (&ByCohort<Choice<'_>>, &ByCohort<Option<Row>>),
        verdicts: &mut ByCohort<Verdict>,
        (seed, list): (u64, Option<(u64, Vec<u8>)>),
    ) {
        let number = run.terms.number;
        let shared = Arc::new(item.clone());
        let mut withdrawn = BTreeMap::new();
        let baselines = choices.map(|cohort| {
            let before =
                || run.earlier.as_ref().zip(*known).and_then(|(earlier, known)| earlier.row(known, cohort));
            match choices[cohort] {
                Choice::Anew(_) => {
                    if let Some(row) = fresh[cohort] {
                        let since =
                            before().filter(|old| (old.shown, old.members) == (row.shown, row.members));
                        let same_since = since.map_or(number, |old| old.same_since);
                        self.rows.push((cohort, Arc::clone(&shared), Row { same_since, ..row }));
                    }
                    number
                }
                Choice::AsBefore(baseline) | Choice::Withheld(baseline) => {
                    match before() {
                        Some(row) if verdicts[cohort].is_ok() => {
                            self.rows.push((cohort, Arc::clone(&shared), row));
                        }
                        Some(row) => {
                            withdrawn.insert(cohort, row);
                        }
                        // It was not published then, so there is nothing to show again.
                        None => verdicts[cohort] = verdicts[cohort].and(Err(Reason::Refresh)),
                    }
                    baseline
                }
                Choice::Refused(baseline) => baseline,
            }
        });
        if baselines.values().any(|baseline| *baseline > 0) {
            let state = CellState { seed, baselines, withdrawn };
            self.entries.push(LedgerEntry { item: item.clone(), state, list });
        }
    }
}
