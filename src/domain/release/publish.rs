//! The cells of one basis, each technique's columns coarse to fine, and the tables and the ledger that come of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

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
    rules::band::Band,
    run::Run,
    values::{
        entry::Entry,
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
        let cell =
            Cell { subjects: &subjects, item: &Item::Members, entries: &entries, above: &[], within: true };
        let (decision, outcome) = policy(run, &cell)?;
        (decision.ok_or(ReleaseError::Inconsistent)?.verdicts, outcome)
    };
    run.close(cohorts);
    Ok(outcome)
}

/// Decides on all cells. Returns the tables of one basis, none where `all` is not published.
pub fn decide_cells(
    run: &Run<'_>,
    cohorts: Outcome,
    policy: Policy,
) -> Result<(Vec<Table>, Ledger), ReleaseError> {
    let mut ledger = LedgerWriter::new(run.basis, run.terms.number, run.terms.parts);
    cohorts.entries.into_iter().for_each(|entry| ledger.enter(entry));
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
        let subjects = [(item.clone(), run.known(key))];
        let cell = Cell { subjects: &subjects, item: &item, entries: &entries, above: &[], within: true };
        Ok(policy(run, &cell)?.1)
    });
    take(simple.collect::<Result<_, ReleaseError>>()?)?;
    let blocks = |blocks: &Vec<BlockIx>| {
        let lists = run.unreleased.roll_up(blocks)?;
        let of_block = |lists: &'_ BlockLists<'_>| lists.techniques().indices().collect::<Vec<TechniqueIx>>();
        let techniques: Vec<(&BlockLists<'_>, TechniqueIx)> =
            lists.iter().flat_map(|lists| of_block(lists).into_iter().map(move |of| (lists, of))).collect();
        // A block may be as long as many others together.
        let outcomes = techniques.into_par_iter().map(|(lists, of)| technique(run, policy, lists, of));
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
        published.push((&run.lattice.by_cohort()[*cohort], row.members, rows));
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

/// Decides on one technique in every column, coarse to fine.
fn technique<'f>(
    run: &'f Run<'_>,
    policy: Policy,
    lists: &BlockLists<'_>,
    of: TechniqueIx,
) -> Result<Outcome, ReleaseError> {
    let layout = &run.unreleased.layout;
    let mut all = Outcome::default();
    let mut column = |columns: &[ColumnIx], above: &[&Decision<'f>]| {
        let (decision, more) = column(run, policy, lists, of, columns, above)?;
        all.merge(more);
        Ok::<_, ReleaseError>(decision)
    };
    let any = column(&[layout.any()], &[])?;
    let mut families: BTreeMap<ColumnIx, Option<Decision<'_>>> = BTreeMap::new();
    for (_, family) in layout.families() {
        let above: Vec<&Decision<'_>> = any.iter().collect();
        families.insert(*family, column(&[*family], &above)?);
    }
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
    above: &[&Decision<'f>],
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
    policy(run, &Cell { subjects: &subjects, item, entries, above, within: lists.one_scale() })
}

/// The scales that at least k control groups of `all` use.
pub fn named_scales(run: &Run<'_>) -> Result<Vec<Scale>, ReleaseError> {
    let mut users: BTreeMap<u8, BTreeSet<_>> = BTreeMap::new();
    for (member, used) in run.unreleased.scales.iter() {
        let membership = run.memberships.get(member).ok_or(ReleaseError::Inconsistent)?;
        let all = run.memberships.cohorts(membership).indices().next();
        if all.is_some_and(|all| membership.counts_in.contains(all)) {
            for scale in (0..).take(Scale::ALL.len()).filter(|scale| used & 1 << scale > 0) {
                users.entry(scale).or_default().insert(run.memberships.group(member));
            }
        }
    }
    let enough = |scale: &u8| {
        users.get(scale).is_some_and(|groups| {
            u32::try_from(groups.len()).is_ok_and(|groups| groups >= run.terms.parameters.k)
        })
    };
    Ok((0..).zip(Scale::ALL).filter(|(number, _)| enough(number)).map(|(_, scale)| scale).collect())
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
        let counted = Counted::new(&memberships, &lattice, entries, parameters)?;
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
