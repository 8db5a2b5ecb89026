//! The release itself: from everybody's values and what was published before to the published tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    cell::{Decided, Outcome, decide},
    cohorts::{
        lattice::Lattice,
        membership::{Numbers, Seating},
    },
    counting::count::Scan,
    earlier::{
        ledger::{Head, LedgerWriter},
        parts::Parts,
        previous::{History, Previous},
    },
    error::ReleaseError,
    item::Item,
    parameters::Parameters,
    publication::{Ledger, Publication, Row, Table},
    release_key::ReleaseKey,
    rules::band::Band,
    run::Frame,
    values::{
        block,
        layout::Key,
        unreleased::{Entry, Unreleased},
    },
};
use crate::domain::{
    attack::AttackVersion, cohort::Cohort, dimension::Dimensions, scale::Scale, snapshot::Basis,
    technology::Family,
};

/// Blocks whose outcomes are held at once, for each thread.
const BLOCKS_A_THREAD: u32 = 8;

/// What is released together: one basis's observations.
pub struct Input<'a> {
    pub basis: Basis,
    pub unreleased: &'a Unreleased,
}

/// Publishes the release that follows `previous`, whose lists are on the shelf, and puts its own there. `inputs` holds one
/// entry per benchmarked basis; a basis whose `all` is too small has no table. Everything that cannot be evaluated is not
/// released (R26). Uses the threads of the pool that it is called in; the result does not depend on them.
pub fn release(
    attack: AttackVersion,
    inputs: &[Input<'_>],
    mut previous: Option<Previous>,
    shelf: &dyn Parts,
    dimensions: &Dimensions,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Result<Publication, ReleaseError> {
    let number = previous.as_ref().map_or(0, |previous| previous.number) + 1;
    let mut publication =
        Publication { number, attack, scales: Vec::new(), tables: Vec::new(), ledgers: Vec::new() };
    for Input { basis, unreleased } in inputs {
        let lattice = lattice(unreleased, dimensions, parameters);
        let previous = (previous.as_mut(), shelf);
        let (mut frame, everybody) =
            Frame::new((number, *basis), unreleased, lattice, previous, parameters, key)?;
        let cohorts = decide_cohorts(&mut frame, &everybody);
        let (tables, ledger) = publish(&frame, cohorts, LedgerWriter::new(*basis, number, shelf), attack)?;
        publication.tables.extend(tables);
        publication.ledgers.push(ledger);
        publication.scales.extend(named_scales(&frame));
    }
    if publication.tables.is_empty() && previous.is_none() {
        return Err(ReleaseError::TooFewContributors { needed: parameters.k });
    }
    publication.scales.sort_unstable();
    publication.scales.dedup();
    Ok(publication)
}

/// Rolls up and counts every list in every cohort, short ones too, which [`release`] does not count, and decides nothing:
/// for measuring what that takes. How many values were counted; nothing of what they are.
pub fn count(
    unreleased: &Unreleased,
    dimensions: &Dimensions,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> u64 {
    let lattice = lattice(unreleased, dimensions, parameters);
    let (seating, _) = Seating::now(unreleased, &lattice, parameters, key, &mut Numbers::default());
    let cohorts = lattice.cohorts().len();
    let list = |entries: &[Entry]| -> u64 {
        let scan = Scan::now(&seating, cohorts, entries, parameters);
        let values = scan.values(std::iter::repeat_n(true, cohorts));
        (0..cohorts).filter_map(|cohort| values.of(cohort)).map(|histogram| u64::from(histogram.n())).sum()
    };
    let layout = &unreleased.layout;
    let families: Vec<u32> = layout.technology_families().collect();
    let block = |number: u32| -> u64 {
        let lists = block::Lists::new(unreleased, number, &families);
        // Where a cell and its technology's column are one list, it is counted once.
        let columns = |slot| if lists.is_one(slot) { layout.cell_offset(0) } else { layout.columns() };
        let of_slot = |slot| (0..columns(slot)).map(|offset| list(lists.list(slot, offset))).sum::<u64>();
        lists.techniques().map(|(slot, _)| of_slot(slot)).sum()
    };
    let simple = (0..layout.simple_len()).into_par_iter().map(|key| list(&unreleased.simple(key)));
    simple.sum::<u64>() + (0..layout.block_count()).into_par_iter().map(block).sum::<u64>()
}

/// R13: pairs only in a community that is large enough.
fn lattice(unreleased: &Unreleased, dimensions: &Dimensions, parameters: &Parameters) -> Lattice {
    let contributors = u32::try_from(unreleased.members.len()).unwrap_or(u32::MAX);
    Lattice::new(dimensions, contributors >= parameters.pairs_min_n)
}

/// One table's rows, columns of techniques before their cells: nearly in its order, so that little is left to sort.
type Rows = [Vec<(Arc<Item>, Row)>; 2];

/// The tables of one basis; none where `all` is not published.
fn publish(
    frame: &Frame<'_>,
    cohorts: Outcome,
    mut ledger: LedgerWriter<'_>,
    attack: AttackVersion,
) -> Result<(Vec<Table>, Ledger), ReleaseError> {
    cohorts.entered.into_iter().for_each(|entered| ledger.enter(entered));
    let mut rows: Vec<Rows> = vec![Rows::default(); frame.lattice.cohorts().len()];
    let mut take = |outcomes: Vec<Outcome>| {
        for Outcome { rows: more, entered } in outcomes {
            for (position, item, row) in more {
                if let Some([columns, cells]) = rows.get_mut(position) {
                    let part = if matches!(*item, Item::Cell(..)) { cells } else { columns };
                    part.push((item, row));
                }
            }
            entered.into_iter().for_each(|entered| ledger.enter(entered));
        }
        // There is no use in going on where something could not be kept or read (R26).
        ledger.check()?;
        frame.history.as_ref().map_or(Ok(()), History::check)
    };
    let layout = &frame.unreleased.layout;
    let simple = (0..layout.simple_len()).into_par_iter().map(|key| {
        let entries = frame.unreleased.simple(key);
        match layout.item(key) {
            Some(item) if concerns(frame, key, entries.len()) => {
                decide(frame, &[(item, frame.known(key))], &entries, &[], true).1
            }
            _ => Outcome::default(),
        }
    });
    take(simple.collect())?;
    let block = |number: u32| {
        let lists = block::Lists::new(frame.unreleased, number, &frame.families);
        let techniques: Vec<(usize, Key)> = lists.techniques().collect();
        // A block may be as long as many others together.
        let outcomes = techniques.into_par_iter().map(|(slot, first)| technique(frame, &lists, slot, first));
        outcomes.collect::<Vec<Outcome>>()
    };
    // Some at a time, because all outcomes at once would be most of what a large release holds; they are taken while the
    // next are computed.
    let together = u32::try_from(rayon::current_num_threads()).unwrap_or(1).saturating_mul(BLOCKS_A_THREAD);
    let mut outcomes = Vec::new();
    let mut from = 0;
    while from < layout.block_count() {
        let to = layout.block_count().min(from.saturating_add(together));
        let next = || (from..to).into_par_iter().flat_map_iter(block).collect();
        let (computed, taken) = rayon::join(next, || take(outcomes));
        taken?;
        outcomes = computed;
        from = to;
    }
    take(outcomes)?;
    let head = Head {
        attack,
        parameters: frame.parameters.clone().into(),
        cohorts: frame.lattice.cohorts().to_vec(),
        members: frame.footed.clone(),
    };
    let ledger = ledger.finish(&head)?;
    let mut published = Vec::new();
    for (position, _, row) in &cohorts.rows {
        // Without `all` there is none.
        if *position > 0 && published.is_empty() {
            break;
        }
        let cohort = frame.lattice.cohorts().get(*position).zip(rows.get_mut(*position));
        published.extend(cohort.map(|(cohort, rows)| (cohort, row.members, std::mem::take(rows))));
    }
    let table = |(cohort, members, [mut rows, cells]): (&Cohort, Band, Rows)| {
        rows.extend(cells);
        Table::new(ledger.basis, cohort.clone(), members, rows)
    };
    let tables = published.into_par_iter().map(table).collect();
    Ok((tables, ledger))
}

/// A cell that nobody has a value in and that was never anything needs no decision.
fn concerns(frame: &Frame<'_>, key: Key, entries: usize) -> bool {
    entries > 0 || frame.known(key).is_some()
}

/// What becomes of the cohorts themselves: their members are a cell in which everybody has a value.
fn decide_cohorts(frame: &mut Frame<'_>, everybody: &[Entry]) -> Outcome {
    let (published, outcome) = {
        let known = frame.history.as_ref().map(History::members);
        let (decided, outcome) = decide(frame, &[(Item::Members, known)], everybody, &[], true);
        (decided.map_or_else(Vec::new, |decided| decided.released), outcome)
    };
    frame.publish(published);
    outcome
}

/// One technique in every column, coarse to fine.
fn technique(frame: &Frame<'_>, lists: &block::Lists, slot: usize, first: Key) -> Outcome {
    let layout = &frame.unreleased.layout;
    let mut all = Outcome::default();
    let outcome = &mut all;
    let any = column(frame, lists, (slot, first), &[0], &[], outcome);
    let families: BTreeMap<u32, Option<Decided<'_>>> = Family::ALL
        .into_iter()
        .map(|family| layout.family_offset(family))
        .map(|offset| {
            let above: Vec<&Decided<'_>> = any.iter().collect();
            (offset, column(frame, lists, (slot, first), &[offset], &above, outcome))
        })
        .collect();
    let one = lists.is_one(slot);
    for (family, technology) in frame.families.iter().zip(0_u16..) {
        let (offset, cell) = (layout.technology_offset(technology), layout.cell_offset(technology));
        let mut above: Vec<&Decided<'_>> =
            any.iter().chain(families.get(family).into_iter().flatten()).collect();
        if one {
            column(frame, lists, (slot, first), &[offset, cell], &above, outcome);
            continue;
        }
        let own = column(frame, lists, (slot, first), &[offset], &above, outcome);
        above.extend(&own);
        column(frame, lists, (slot, first), &[cell], &above, outcome);
    }
    all
}

/// One column of a technique, and others that have the same list.
fn column<'f>(
    frame: &'f Frame<'_>,
    lists: &block::Lists,
    (slot, first): (usize, Key),
    offsets: &[u32],
    above: &[&Decided<'f>],
    outcome: &mut Outcome,
) -> Option<Decided<'f>> {
    let (list, key) = (lists.list(slot, *offsets.first()?), first + offsets.first()?);
    if !concerns(frame, key, list.len()) {
        return None;
    }
    let keys = offsets.iter().map(|offset| first + offset);
    let subjects = keys.filter_map(|key| Some((frame.unreleased.layout.item(key)?, frame.known(key))));
    let subjects: Vec<_> = subjects.collect();
    let (decided, more) = decide(frame, &subjects, list, above, lists.one_scale);
    outcome.merge(more);
    decided
}

/// The scales that at least k control groups of `all` use.
fn named_scales(frame: &Frame<'_>) -> Vec<Scale> {
    let mut users = vec![0_u8; frame.seating.len()];
    let layout = &frame.unreleased.layout;
    let scales = (0..layout.block_count()).flat_map(|block| frame.unreleased.scales(block));
    for (member, scale) in scales {
        let user = usize::try_from(member).ok().and_then(|member| users.get_mut(member));
        user.into_iter().for_each(|user| *user |= 1_u8.checked_shl(scale.into()).unwrap_or_default());
    }
    let groups = |scale: usize| {
        let of = frame.seating.iter().zip(&users).zip(&frame.unreleased.members);
        let using = of.filter(|((seat, user), _)| seat.mask & 1 != 0 && **user & 1 << scale != 0);
        using.map(|(_, member)| &member.control_group).collect::<BTreeSet<_>>().len()
    };
    let enough = |scale: usize| u32::try_from(groups(scale)).is_ok_and(|groups| groups >= frame.parameters.k);
    let known = Scale::ALL.into_iter().enumerate();
    known.filter(|(position, _)| enough(*position)).map(|(_, scale)| scale).collect()
}
