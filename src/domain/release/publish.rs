//! The cells of one basis, each technique's columns coarse to fine, and the tables and the ledger that come of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
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
    values::{entry::Entry, layout::Key, roll_up::BlockLists, unreleased::Unreleased},
};
use crate::domain::{cohort::Cohort, dimension::Dimensions, scale::Scale, technology::Family};

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
    let simple = (0..layout.simple_len()).into_par_iter().map(|key| {
        let entries = run.unreleased.simple(key);
        match layout.item(key) {
            Some(item) if concerns(run, key, entries.len()) => {
                let subjects = [(item.clone(), run.known(key))];
                let cell =
                    Cell { subjects: &subjects, item: &item, entries: &entries, above: &[], within: true };
                Ok(policy(run, &cell)?.1)
            }
            _ => Ok(Outcome::default()),
        }
    });
    take(simple.collect::<Result<_, ReleaseError>>()?)?;
    let blocks = |blocks: &Range<u32>| {
        let lists = run.unreleased.roll_up(blocks.clone())?;
        let of_block = |lists| BlockLists::techniques(lists).map(move |(slot, first)| (lists, slot, first));
        let techniques: Vec<(&BlockLists, usize, Key)> = lists.iter().flat_map(of_block).collect();
        // A block may be as long as many others together.
        let outcomes =
            techniques.into_par_iter().map(|(lists, slot, first)| technique(run, policy, lists, slot, first));
        outcomes.collect::<Result<Vec<Outcome>, ReleaseError>>()
    };
    // Some at a time, because all outcomes at once would be most of what a large release holds; they are taken while the
    // next are computed.
    let together = run.unreleased.together();
    let threads = rayon::current_num_threads();
    let count = usize::try_from(layout.block_count()).unwrap_or(usize::MAX);
    let some =
        (threads * BLOCKS_A_THREAD * together.len()).checked_div(count).unwrap_or_default().max(threads);
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
    lists: &BlockLists,
    slot: usize,
    first: Key,
) -> Result<Outcome, ReleaseError> {
    let layout = &run.unreleased.layout;
    let mut all = Outcome::default();
    let mut column = |offsets: &[u32], above: &[&Decision<'f>]| {
        let (decision, more) = column(run, policy, lists, (slot, first), offsets, above)?;
        all.merge(more);
        Ok::<_, ReleaseError>(decision)
    };
    let any = column(&[0], &[])?;
    let mut families: BTreeMap<u32, Option<Decision<'_>>> = BTreeMap::new();
    for offset in Family::ALL.into_iter().map(|family| layout.family_offset(family)) {
        let above: Vec<&Decision<'_>> = any.iter().collect();
        families.insert(offset, column(&[offset], &above)?);
    }
    let one = lists.is_one(slot);
    for (family, technology) in run.families.iter().zip(0_u16..) {
        let (offset, cell) = (layout.technology_offset(technology), layout.cell_offset(technology));
        let mut above: Vec<&Decision<'_>> =
            any.iter().chain(families.get(family).into_iter().flatten()).collect();
        if one {
            column(&[offset, cell], &above)?;
            continue;
        }
        let own = column(&[offset], &above)?;
        above.extend(&own);
        column(&[cell], &above)?;
    }
    Ok(all)
}

/// Decides on one column of a technique, and on others that have the same list.
fn column<'f>(
    run: &'f Run<'_>,
    policy: Policy,
    lists: &BlockLists,
    (slot, first): (usize, Key),
    offsets: &[u32],
    above: &[&Decision<'f>],
) -> Result<Decided<'f>, ReleaseError> {
    let offset = offsets.first().copied().unwrap_or_default();
    let entries = lists.list(slot, offset);
    let keys = offsets.iter().map(|offset| first + offset);
    let subjects = keys.filter_map(|key| Some((run.unreleased.layout.item(key)?, run.known(key))));
    let subjects: Vec<_> =
        if concerns(run, first + offset, entries.len()) { subjects.collect() } else { Vec::new() };
    let Some((item, _)) = subjects.first() else { return Ok((None, Outcome::default())) };
    policy(run, &Cell { subjects: &subjects, item, entries, above, within: lists.one_scale })
}

/// The scales that at least k control groups of `all` use.
pub fn named_scales(run: &Run<'_>) -> Result<Vec<Scale>, ReleaseError> {
    let mut users: BTreeMap<u8, BTreeSet<_>> = BTreeMap::new();
    for (member, used) in (0..).zip(&run.unreleased.scales) {
        let (member, membership) = run.memberships.find(member).ok_or(ReleaseError::Inconsistent)?;
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
    let of_block = |lists: &BlockLists| -> Result<u64, ReleaseError> {
        // Where a cell and its technology's column are one list, it is counted once.
        let columns = |slot| if lists.is_one(slot) { layout.cell_offset(0) } else { layout.columns() };
        let of_slot = |slot| (0..columns(slot)).map(move |offset| (slot, offset));
        let all = lists.techniques().flat_map(|(slot, _)| of_slot(slot));
        all.map(|(slot, offset)| list(lists.list(slot, offset))).sum()
    };
    let blocks =
        |blocks| -> Result<u64, ReleaseError> { unreleased.roll_up(blocks)?.iter().map(of_block).sum() };
    let simple = (0..layout.simple_len()).into_par_iter().map(|key| list(&unreleased.simple(key)));
    let simple = simple.sum::<Result<u64, ReleaseError>>()?;
    Ok(simple + unreleased.together().into_par_iter().map(blocks).sum::<Result<u64, ReleaseError>>()?)
}

/// Says that there are cohorts of two dimensions: only in a community that is large enough.
pub fn pairs(unreleased: &Unreleased, parameters: &Parameters) -> bool {
    u32::try_from(unreleased.members.len()).is_ok_and(|contributors| contributors >= parameters.pairs_min_n)
}
