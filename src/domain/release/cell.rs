//! One cell: what is decided of it, and what is written down of the decision.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    cohorts::{
        index::{By, ByCohort, CoarserListIx, CohortIx, Cohorts, ListIx, Lists},
        membership::Memberships,
    },
    counting::{
        count::{Counted, distinct},
        differences::{CellLists, ColumnDifference},
        respondent::Respondent,
    },
    earlier::{
        ledger::{CellState, LedgerEntry, List, Retired, listed},
        previous::{KnownCell, Past},
    },
    error::ReleaseError,
    item::Item,
    parameters::Rule,
    publication::Row,
    rules::{
        change::tagged,
        new_cohort::differs_enough,
        pairs::{Column, Difference, Pairs, Until, differ_enough, differences},
        reason::{Reason, Verdict},
        refresh::{Choice, Refreshed},
        resolution::recode,
        scale::{Electorate, turn},
        threshold_and_difference::Above,
    },
    run::Run,
    values::entry::{Entry, NO_SCALE},
};

/// Items that are decided together because they have the same list (a technology's column and its cell, of a technique that
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
    /// This cell as this release has already published it for the other basis.
    pub other: Option<&'f KnownCell>,
    /// The decision on this column of the parent technique.
    pub beside: Option<&'c Decision<'f>>,
    /// Says that the list is known to be part of those `above` where it is on their scale.
    pub within: bool,
}

/// A cell after the decision, for the finer columns that are judged against it.
pub struct Decision<'f> {
    lists: CellLists<'f>,
    /// All respondents of these lists, before any rule leaves some out.
    pub whole: By<Lists, List<Respondent>>,
    memberships: By<Lists, &'f Memberships>,
    stands: ByCohort<ListIx>,
    /// The list of this release and those that numbers stand on, to finer columns.
    coarser: (CoarserListIx, ByCohort<CoarserListIx>),
    pub verdicts: ByCohort<Verdict>,
    /// The rows that it shows.
    pub shown: ByCohort<Option<Row>>,
}

impl<'f> Decision<'f> {
    pub fn new(
        lists: CellLists<'f>,
        (whole, memberships): (By<Lists, List<Respondent>>, By<Lists, &'f Memberships>),
        (now, stands): (ListIx, ByCohort<ListIx>),
        (verdicts, shown): (ByCohort<Verdict>, ByCohort<Option<Row>>),
    ) -> Self {
        let coarser = (now.of_coarser(), stands.map(|cohort| stands[cohort].of_coarser()));
        Self { lists, whole, memberships, stands, coarser, verdicts, shown }
    }

    /// The coarser column that a finer one is judged against. `within` says that the finer one's list is known to be part of
    /// this one's where they are on one scale.
    pub fn above<'c>(&'c self, finer: &CellLists<'f>, within: bool) -> Above<'c>
    where
        'f: 'c,
    {
        let within = within && self.lists.now.scale == finer.now.scale;
        let difference = ColumnDifference::new(&self.lists, finer, within);
        let (now, stands) = &self.coarser;
        Above { difference, now: *now, stands, verdicts: &self.verdicts }
    }

    /// The column as R35 compares it.
    pub fn column(&self) -> Column<'_, 'f> {
        let Self { lists, whole, memberships, stands, shown, .. } = self;
        Column { lists, whole, memberships, stands, shown }
    }
}

/// A decision, unless the cell is shown nowhere, and what comes of it.
pub type Decided<'f> = (Option<Decision<'f>>, Outcome);

/// The rules of one cell.
pub type Policy = for<'f, 'r, 'c> fn(&'f Run<'r>, &Cell<'f, 'c>) -> Result<Decided<'f>, ReleaseError>;

/// The rows that are published of a cell, and the lists that are kept.
#[derive(Default)]
pub struct Outcome {
    /// Rows with their cohort.
    pub rows: Vec<(CohortIx, Arc<Item>, Row)>,
    pub entries: Vec<LedgerEntry>,
}

/// The earlier state of a cell, on the scale that it has now.
pub struct Was {
    pub past: Past,
    /// As a position in `Scale::ALL`.
    pub scale: u8,
    /// Says that it had another scale.
    turned: bool,
}

impl<'f> Cell<'f, '_> {
    fn known(&self) -> Option<&'f KnownCell> {
        self.subjects.first().and_then(|(_, known)| *known)
    }

    /// The seed of the cell, which a renumbered technique keeps.
    fn seed(&self, run: &Run<'_>) -> u64 {
        self.known().map_or_else(|| run.terms.key.seed(&self.item.to_string()), |known| known.state.seed)
    }

    /// The seed that a list is kept under. A cell alone keeps its own; with its technology's column it shares one.
    fn list_seed(&self, seed: u64) -> u64 {
        match self.subjects {
            [(Item::Cell(..), _)] => seed.wrapping_add(1),
            _ => seed,
        }
    }

    /// The seeds that its earlier lists may be kept under, the likelier first.
    pub fn seeds(&self, run: &Run<'_>) -> [u64; 2] {
        let seed = self.seed(run);
        [self.list_seed(seed), seed]
    }

    /// The scale of the cell, and what it was before.
    pub fn was(&self, run: &'f Run<'_>) -> Result<Was, ReleaseError> {
        let known = self.known();
        let scale = turn(&Electorate {
            parameters: run.terms.parameters,
            memberships: &run.memberships,
            entries: self.entries,
            earlier: run.earlier.as_ref(),
            known,
            fingerprints: &run.fingerprints,
            seeds: self.seeds(run),
        })?;
        let before =
            known.and_then(|known| known.state.scale).filter(|_| run.terms.parameters.holds(Rule::R33));
        let turned = before.is_some_and(|before| before != scale);
        let mut past = match (&run.earlier, known) {
            (None, _) => Past::nothing(run.lattice.by_cohort()),
            (Some(earlier), Some(known)) if turned => earlier.past_on(known, scale),
            (Some(earlier), known) => earlier.past(known),
        };
        let rows = past.shown.values_mut().chain(past.withdrawn.values_mut());
        rows.flatten().for_each(|row| *row = self.recoded(run, *row));
        Ok(Was { past, scale, turned })
    }

    /// A row of before, under the parameters of now where they are tighter (R28).
    fn recoded(&self, run: &Run<'_>, row: Row) -> Row {
        let Some(tighter) = &run.tighter else { return row };
        let again = recode(row, self.item, tighter);
        // What is seen has changed.
        let same_since = if again.shown == row.shown { again.same_since } else { Some(run.terms.number) };
        Row { same_since: again.same_since.and(same_since), ..again }
    }

    /// The list of now, tagged.
    pub fn tagged(&self, run: &Run<'_>, counted: &Counted<'_>) -> List<Respondent> {
        let tag_seed = run.terms.key.seed(&self.item.family_of_tags());
        let respondents = tagged(counted, &run.fingerprints, run.coding(self.item), tag_seed);
        List { tag_seed, comparable: true, respondents }
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
                scale: known.state.scale,
                scale_since: known.state.scale_since,
                retired: self.retired(run),
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
            // R12 and R33 decide more than whether the list is long enough.
            if membership.shared || Some(entry.scale) != scale {
                return Ok(None);
            }
            list.push(Respondent { member, counts_in: membership.counts_in, tag: 0 });
            values.push(entry.value);
        }
        let tag_seed = run.terms.key.seed(&self.item.family_of_tags());
        values.iter_mut().for_each(|value| *value = run.coding(self.item).code(*value));
        run.fingerprints.tag(&mut list, &values, tag_seed);
        let seed = self.seed(run);
        let mut list = Some((self.list_seed(seed), listed(tag_seed, &list, run.lattice.slots().len())));
        let mut outcome = Outcome::default();
        outcome.explain(run, self, threshold);
        for (item, _) in self.subjects {
            let baselines = run.cohorts.filled(run.terms.number);
            let scale = scale.filter(|scale| *scale != NO_SCALE);
            let state = CellState { seed, baselines, scale, ..CellState::default() };
            outcome.entries.push(LedgerEntry { item: item.clone(), state, list: list.take() });
        }
        Ok(Some(outcome))
    }

    /// Returns the earlier states of the cell on other scales.
    fn retired(&self, run: &Run<'_>) -> BTreeMap<u8, Retired<Cohorts>> {
        let known = run.earlier.as_ref().zip(self.known());
        let mut retired = known.map(|(earlier, known)| earlier.retired(known)).unwrap_or_default();
        let rows = retired.values_mut().flat_map(|retired| retired.rows.values_mut());
        rows.for_each(|row| *row = self.recoded(run, *row));
        retired
    }

    /// The cohorts in which the cell may be shown, as far as R17 and the cohorts themselves decide.
    pub fn candidates(&self, run: &Run<'_>, refreshed: &Refreshed<'_>) -> ByCohort<Verdict> {
        let choices = &refreshed.choices;
        choices.map(|cohort| match choices[cohort] {
            _ if run.cohorts[cohort].is_err() => Err(Reason::Cohort),
            Choice::Anew | Choice::AsBefore(_) => Ok(()),
            Choice::Refused(_) => Err(Reason::Refresh),
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

    /// The rows that are shown: new ones, or those of before.
    pub fn shown(
        &self,
        past: &Past,
        (choices, verdicts): (&ByCohort<Choice>, &ByCohort<Verdict>),
        fresh: &ByCohort<Option<Row>>,
    ) -> ByCohort<Option<Row>> {
        choices.map(|cohort| match choices[cohort] {
            _ if verdicts[cohort].is_err() => None,
            Choice::Anew => fresh[cohort].map(|row| {
                let before = past.shown[cohort];
                let same = before.filter(|old| (old.shown, old.members) == (row.shown, row.members));
                same.unwrap_or(row)
            }),
            Choice::AsBefore(_) => past.last(cohort),
            Choice::Refused(_) => None,
        })
    }

    /// R35 between bases: hides rows of this basis that differ too little from those of the one that was published first.
    pub fn hide_beside_other_basis(
        &self,
        run: &'f Run<'_>,
        decision: &mut Decision<'f>,
    ) -> Result<(), ReleaseError> {
        let Some((known, other)) = self.other.zip(run.other.as_ref()) else { return Ok(()) };
        let published = other.past(Some(known));
        let seeds = [known.state.seed.wrapping_add(1), known.state.seed];
        let seeds = if matches!(self.item, Item::Cell(..)) { seeds } else { [known.state.seed; 2] };
        let both =
            |cohort: &CohortIx| decision.shown[*cohort].is_some() && published.shown[*cohort].is_some();
        let both: Vec<CohortIx> = decision.shown.indices().filter(both).collect();
        let on = |decision: &Decision<'_>, cohort: CohortIx| {
            (published.baselines[cohort], decision.stands[cohort])
        };
        for (number, own) in distinct(both.iter().map(|cohort| on(decision, *cohort)).collect()) {
            let baseline = other.baseline(number).ok_or(ReleaseError::NoBaseline { number })?;
            let list = baseline.list(&seeds)?;
            let of_other = Pairs { list: &list, memberships: baseline.memberships() };
            let of_own = Pairs { list: &decision.whole[own], memberships: decision.memberships[own] };
            let here: Vec<CohortIx> =
                both.iter().copied().filter(|cohort| on(decision, *cohort) == (number, own)).collect();
            let is_enough =
                |difference: Difference| difference.values + difference.others >= run.terms.parameters.d;
            let until = Until { cohorts: &here, is_settled: &is_enough };
            let Some(differences) = differences(&decision.shown, (of_own, of_other), until) else { continue };
            for cohort in here {
                if !differ_enough(run.terms.parameters, differences[cohort]) {
                    decision.shown[cohort] = None;
                    decision.verdicts[cohort] = Err(Reason::Difference);
                }
            }
        }
        Ok(())
    }

    /// Writes down the decision: the rows that are shown, and for the next release the list that the numbers stand on.
    pub fn record(
        &self,
        run: &Run<'_>,
        decision: Decision<'f>,
        (was, choices): (&Was, &ByCohort<Choice>),
    ) -> Decided<'f> {
        let number = run.terms.number;
        let is_anew = choices.values().any(|choice| *choice == Choice::Anew);
        let keeps = is_anew || was.turned;
        // Items of one list show the same and keep it once, under the first one's seed.
        let seed = self.seed(run);
        let now = decision.whole.values().next().filter(|_| keeps);
        let list = now.map(|now| listed(now.tag_seed, &now.respondents, run.lattice.slots().len()));
        let mut list = list.map(|list| (self.list_seed(seed), list));
        let mut withdrawn = BTreeMap::new();
        for (cohort, row) in decision.shown.iter() {
            if let (None, Some(last)) = (row, was.past.last(cohort)) {
                withdrawn.insert(cohort, last);
            }
        }
        let baselines = choices.map(|cohort| match choices[cohort] {
            Choice::Anew => number,
            Choice::AsBefore(baseline) | Choice::Refused(baseline) => baseline,
        });
        let since = self.known().map_or(0, |known| known.state.scale_since);
        let strangers = keeps && since == 0 && !decision.lists.now.strangers.is_empty();
        let mut state = CellState {
            seed,
            baselines,
            withdrawn,
            scale: Some(was.scale).filter(|scale| *scale != NO_SCALE),
            scale_since: if was.turned || strangers { number } else { since },
            retired: self.retired(run),
        };
        if was.turned {
            state.retired.remove(&was.scale);
            state.retired.extend(self.on_its_scale(run));
        }
        let mut outcome = Outcome::default();
        for (item, _) in self.subjects {
            let shared = Arc::new(item.clone());
            let rows = decision.shown.iter().filter_map(|(cohort, row)| Some((cohort, (*row)?)));
            outcome.rows.extend(rows.map(|(cohort, row)| (cohort, Arc::clone(&shared), row)));
            if keeps || state.baselines.values().any(|baseline| *baseline > 0) {
                let (item, state) = (item.clone(), state.clone());
                outcome.entries.push(LedgerEntry { item, state, list: list.take() });
            }
        }
        outcome.explain(run, self, || decision.verdicts.clone());
        (Some(decision), outcome)
    }

    /// Returns the earlier state of the cell on the scale that it had.
    fn on_its_scale(&self, run: &Run<'_>) -> Option<(u8, Retired<Cohorts>)> {
        let (earlier, known) = run.earlier.as_ref().zip(self.known())?;
        let Past { baselines, shown, .. } = earlier.past(Some(known));
        let rows = shown.iter().filter_map(|(cohort, row)| Some((cohort, self.recoded(run, (*row)?))));
        Some((known.state.scale?, Retired { baselines, rows: rows.collect() }))
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
}
