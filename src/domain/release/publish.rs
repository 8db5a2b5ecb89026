//! The cells of one basis, each technique's columns coarse to fine, and the tables and the ledger that come of them.

use std::{collections::BTreeMap, sync::Arc};

use rayon::prelude::*;

use super::{
    cell::{Cell, Decided, Decision, Outcome, Policy},
    cohorts::{
        lattice::Lattice,
        membership::{Memberships, Numbering},
    },
    counting::count::Counted,
    earlier::ledger::{Head, LedgerWriter},
    error::ReleaseError,
    item::Item,
    parameters::Parameters,
    publication::{Ledger, Row, Table},
    release_key::ReleaseKey,
    rules::{band::Band, scale::commonest},
    run::Run,
    values::{
        entry::{Entry, NO_SCALE},
        layout::{BlockIx, ColumnIx, Key, SimpleIx, TechniqueIx},
        roll_up::BlockLists,
        unreleased::Unreleased,
    },
};
use crate::domain::{cohort::Cohort, dimension::Dimensions, scale::Scale};

/// Blocks whose outcomes are held at once, for each thread.
const BLOCKS_A_THREAD: usize = 8;

/// One table's rows, columns of techniques before their cells: nearly in its order, so that little is left to sort.
type Rows = [Vec<(Arc<Item>, Row)>; 2];

/// Decides on the cohorts themselves: their members are a cell in which everybody has a value. Those that are not shown are
/// not published.
pub fn decide_cohorts(run: &mut Run<'_>, policy: Policy) -> Result<Outcome, ReleaseError> {
    let (cohorts, outcome) = {
        let known = run.earlier.as_ref().map(|earlier| earlier.members());
        let (entries, subjects) = (run.everybody(), [(Item::Members, known)]);
        let (item, above, other, beside, within) = (&Item::Members, &[], None, None, true);
        let cell = Cell { subjects: &subjects, item, entries: &entries, above, other, beside, within };
        let (decision, outcome) = policy(run, &cell)?;
        (decision.ok_or(ReleaseError::Inconsistent)?.verdicts, outcome)
    };
    run.close(cohorts);
    Ok(outcome)
}

/// Decides on all cells. Returns the tables of one basis, none where `all` is not published.
pub fn decide_cells(
    run: &Run<'_>,
    [cohorts, scales]: [Outcome; 2],
    policy: Policy,
) -> Result<(Vec<Table>, Ledger), ReleaseError> {
    let mut ledger = LedgerWriter::new(run.basis, run.terms.number, run.terms.parts);
    cohorts.entries.into_iter().chain(scales.entries).for_each(|entry| ledger.enter(entry));
    let mut rows = run.lattice.by_cohort().filled(Rows::default());
    let mut take = |outcomes: Vec<Outcome>| {
        for Outcome { rows: more, entries } in outcomes {
            for (cohort, item, row) in more {
                let [columns, cells] = &mut rows[cohort];
                let part = if matches!(*item, Item::Cell(..)) { cells } else { columns };
                part.push((item, row));
            }
            entries.into_iter().for_each(|entry| ledger.enter(entry));
        }
        // There is no use in going on where something could not be kept (R26).
        ledger.check()
    };
    let layout = &run.unreleased.layout;
    let simple: Vec<SimpleIx> = layout.simple().indices().collect();
    let simple = simple.into_par_iter().map(|of| {
        let (key, entries) = (Key::Simple(of), run.unreleased.simple(of));
        if !concerns(run, key, entries.len()) {
            return Ok(Outcome::default());
        }
        let item = layout.item(key);
        let (subjects, other) = ([(item.clone(), run.known(key))], run.other(key));
        let (above, beside, within) = (&[], None, true);
        let cell = Cell { subjects: &subjects, item: &item, entries: &entries, above, other, beside, within };
        Ok(policy(run, &cell)?.1)
    });
    take(simple.collect::<Result<_, ReleaseError>>()?)?;
    let blocks = |blocks: &Vec<BlockIx>| {
        let lists = run.unreleased.roll_up(blocks)?;
        // A block may be as long as many others together.
        let outcomes = lists.par_iter().map(|lists| block(run, policy, lists));
        outcomes.collect::<Result<Vec<Outcome>, ReleaseError>>()
    };
    // Some at a time, because all outcomes at once would be most of what a large release holds; they are taken while the
    // next are computed.
    let together = run.unreleased.together();
    let threads = rayon::current_num_threads();
    let some = threads * BLOCKS_A_THREAD * together.len();
    let some = some.checked_div(layout.blocks().len()).unwrap_or_default().max(threads);
    let mut outcomes = Vec::new();
    for some in together.chunks(some) {
        let next = || some.into_par_iter().map(blocks).collect::<Result<Vec<_>, ReleaseError>>();
        let (computed, taken) = rayon::join(next, || take(outcomes));
        taken?;
        outcomes = computed?.into_iter().flatten().collect();
    }
    take(outcomes)?;
    let ledger = ledger.finish(&Head {
        attack: run.terms.attack,
        parameters: run.terms.parameters,
        cohorts: run.lattice.by_cohort(),
        members: &run.pseudonyms,
        memberships: &run.memberships,
        slots: run.lattice.slots().len(),
    })?;
    let mut published = Vec::new();
    // Without `all`, which comes first, there is none.
    for (cohort, _, row) in cohorts.rows.iter().skip_while(|(cohort, ..)| run.lattice.level(*cohort) > 0) {
        let rows = std::mem::take(&mut rows[*cohort]);
        let members = row.members.ok_or(ReleaseError::Inconsistent)?;
        published.push((&run.lattice.by_cohort()[*cohort], members, rows));
    }
    let table = |(cohort, members, [mut rows, cells]): (&Cohort, Band, Rows)| {
        rows.extend(cells);
        Table::new(ledger.basis, cohort.clone(), members, rows)
    };
    let tables = published.into_par_iter().map(table).collect();
    Ok((tables, ledger))
}

/// A cell that nobody has a value in and that was never anything needs no decision.
fn concerns(run: &Run<'_>, key: Key, entries: usize) -> bool {
    entries > 0 || run.known(key).is_some()
}

/// The columns of a technique that are shown somewhere.
type Columns<'f> = BTreeMap<ColumnIx, Decision<'f>>;

/// Decides on a parent technique, and then on its sub-techniques, which are compared with it.
fn block(run: &Run<'_>, policy: Policy, lists: &BlockLists<'_>) -> Result<Outcome, ReleaseError> {
    let mut techniques = lists.techniques().indices();
    let mut parents = Columns::new();
    let mut all = match techniques.next() {
        Some(parent) => technique(run, policy, lists, parent, (None, Some(&mut parents)))?,
        None => Outcome::default(),
    };
    let subs: Vec<TechniqueIx> = techniques.collect();
    let of_sub = |sub| technique(run, policy, lists, sub, (Some(&parents), None));
    let subs: Vec<Outcome> = subs.into_par_iter().map(of_sub).collect::<Result<_, _>>()?;
    subs.into_iter().for_each(|outcome| all.merge(outcome));
    Ok(all)
}

/// Decides on one technique in every column, coarse to fine. The columns of its parent are beside it, and its own are kept
/// where they are asked for.
fn technique<'f>(
    run: &'f Run<'_>,
    policy: Policy,
    lists: &BlockLists<'_>,
    of: TechniqueIx,
    (beside, mut kept): (Option<&Columns<'f>>, Option<&mut Columns<'f>>),
) -> Result<Outcome, ReleaseError> {
    let layout = &run.unreleased.layout;
    let mut all = Outcome::default();
    let mut column = |columns: &[ColumnIx], above: &[&Decision<'f>]| {
        let parent = columns.first().and_then(|column| beside?.get(column));
        let (decision, more) = column(run, policy, lists, of, columns, (above, parent))?;
        all.merge(more);
        Ok::<_, ReleaseError>(decision)
    };
    let any = column(&[layout.any()], &[])?;
    let mut families: BTreeMap<ColumnIx, Option<Decision<'_>>> = BTreeMap::new();
    for (_, family) in layout.families() {
        let above: Vec<&Decision<'_>> = any.iter().collect();
        families.insert(*family, column(&[*family], &above)?);
    }
    let is_shown = |decision: &Decision<'_>| decision.shown.values().any(Option::is_some);
    let one = lists.is_one(of);
    for technology in layout.technologies().values() {
        let family = families.get(&technology.family).into_iter().flatten();
        let mut above: Vec<&Decision<'_>> = any.iter().chain(family).collect();
        if one {
            column(&[technology.column, technology.cell], &above)?;
            continue;
        }
        let own = column(&[technology.column], &above)?;
        above.extend(&own);
        column(&[technology.cell], &above)?;
        if let (Some(kept), Some(own)) = (&mut kept, own.filter(is_shown)) {
            kept.insert(technology.column, own);
        }
    }
    if let Some(kept) = kept {
        let coarse = std::iter::once((layout.any(), any)).chain(families);
        kept.extend(coarse.filter_map(|(column, decision)| Some((column, decision.filter(is_shown)?))));
    }
    Ok(all)
}

/// Decides on one column of a technique, and on others that have the same list.
fn column<'f>(
    run: &'f Run<'_>,
    policy: Policy,
    lists: &BlockLists<'_>,
    of: TechniqueIx,
    columns: &[ColumnIx],
    (above, beside): (&[&Decision<'f>], Option<&Decision<'f>>),
) -> Result<Decided<'f>, ReleaseError> {
    let keys = columns.iter().map(|column| Key::Technique(lists.block(), of, *column));
    let Some((first, key)) = columns.first().zip(keys.clone().next()) else {
        return Ok((None, Outcome::default()));
    };
    let entries = lists.list(of, *first);
    if !concerns(run, key, entries.len()) {
        return Ok((None, Outcome::default()));
    }
    let subjects: Vec<_> = keys.map(|key| (run.unreleased.layout.item(key), run.known(key))).collect();
    let Some((item, _)) = subjects.first() else { return Ok((None, Outcome::default())) };
    let (within, other) = (lists.one_scale(), run.other(key));
    policy(run, &Cell { subjects: &subjects, item, entries, above, other, beside, within })
}

/// Decides which scales answers may name: those that at least k control groups of `all` use. Who uses a scale is a cell.
pub fn decide_scales(run: &Run<'_>, policy: Policy) -> Result<(Vec<Scale>, Outcome), ReleaseError> {
    let all = run.lattice.by_cohort().indices().next();
    let (mut named, mut outcome) = (Vec::new(), Outcome::default());
    for scale in Scale::ALL {
        let users = run.unreleased.scales.iter().filter(|(_, scales)| **scales & 1 << scale.position() > 0);
        let entries: Vec<Entry> =
            users.map(|(member, _)| Entry { member, value: 0, scale: NO_SCALE }).collect();
        let known = run.earlier.as_ref().and_then(|earlier| earlier.scale(scale));
        if entries.is_empty() && known.is_none() {
            continue;
        }
        let item = Item::Scale(scale);
        let subjects = [(item.clone(), known)];
        let (above, other, beside, within) = (&[], None, None, true);
        let cell = Cell { subjects: &subjects, item: &item, entries: &entries, above, other, beside, within };
        let (_, decided) = policy(run, &cell)?;
        // The first edition did not write down who uses a scale: what it named stays for a release.
        let carried = run.earlier.as_ref().filter(|_| known.is_none()).map(|earlier| earlier.named(scale));
        let shown = || decided.rows.iter().any(|(cohort, ..)| Some(*cohort) == all);
        if carried.unwrap_or_else(shown) {
            named.push(scale);
        }
        outcome.merge(Outcome { rows: Vec::new(), entries: decided.entries });
    }
    Ok((named, outcome))
}

/// Rolls up and counts every list in every cohort, short ones too, which a release does not count, and decides nothing: for
/// measuring how long that takes. Returns how many values were counted, and nothing of what they are.
pub fn count(
    unreleased: &Unreleased,
    dimensions: &Dimensions,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Result<u64, ReleaseError> {
    let lattice = Lattice::new(dimensions, pairs(unreleased, parameters))?;
    let (memberships, _) =
        Memberships::now(unreleased, &lattice, parameters, key, &mut Numbering::default())?;
    let list = |entries: &[Entry]| -> Result<u64, ReleaseError> {
        let counted = Counted::new(&memberships, &lattice, (entries, commonest(entries)), parameters)?;
        let values = counted.values(|_| true);
        let cohorts = lattice.by_cohort().indices().filter_map(|cohort| values.of(cohort));
        Ok(cohorts.map(|histogram| u64::from(histogram.n())).sum())
    };
    let layout = &unreleased.layout;
    let of_block = |lists: &BlockLists<'_>| -> Result<u64, ReleaseError> {
        let mut counted = 0;
        for of in lists.techniques().indices() {
            // Where a cell and its technology's column are one list, it is counted once.
            let is_counted =
                |column: &ColumnIx| !lists.is_one(of) || layout.column_of_cell(*column).is_none();
            for column in layout.columns().filter(is_counted) {
                counted += list(lists.list(of, column))?;
            }
        }
        Ok(counted)
    };
    let blocks = |blocks: Vec<BlockIx>| -> Result<u64, ReleaseError> {
        unreleased.roll_up(&blocks)?.iter().map(of_block).sum()
    };
    let simple: Vec<SimpleIx> = layout.simple().indices().collect();
    let simple = simple.into_par_iter().map(|of| list(&unreleased.simple(of)));
    let simple = simple.sum::<Result<u64, ReleaseError>>()?;
    Ok(simple + unreleased.together().into_par_iter().map(blocks).sum::<Result<u64, ReleaseError>>()?)
}

/// Says that there are cohorts of two dimensions: only in a community that is large enough.
pub fn pairs(unreleased: &Unreleased, parameters: &Parameters) -> bool {
    u32::try_from(unreleased.members.len()).is_ok_and(|contributors| contributors >= parameters.pairs_min_n)
}
