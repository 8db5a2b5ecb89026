//! The release itself: from everybody's values to the published tables, rule by rule.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{
    Band, Coded, Key, Lattice, Parameters, Publication, Quantiles, ReleaseKey, Row, Shown, Table, Unreleased,
    frame::Frame,
    lattice::bit,
    quantile::Histogram,
    reach::{Count, Outside, Scan},
};
use crate::domain::{attack::AttackVersion, organisation::Dimensions, scale::Scale, snapshot::Basis};

/// Below this many control groups a cell shows less: only medians of composites, only one statement on techniques.
const FULL_DISPLAY: u32 = 20;

/// Why nothing is published.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReleaseError {
    #[error(
        "a second release is refused: numbers may only change when enough control groups changed, and the rule that \
         decides it is not part of this version. The release that is published stays as it is"
    )]
    SecondRelease,
    #[error(
        "the cohort `all` cannot be published yet: it needs at least {needed} independent control groups"
    )]
    TooFewContributors { needed: u32 },
}

/// What is released together: one basis's observations.
pub struct Input<'a> {
    pub basis: Basis,
    pub unreleased: &'a Unreleased,
}

/// Publishes release `number`. `inputs` holds one entry per benchmarked basis; a basis whose `all` is too small has no
/// table. Everything that cannot be evaluated is not released (R26).
pub fn release(
    number: u32,
    attack: AttackVersion,
    inputs: &[Input<'_>],
    dimensions: &Dimensions,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Result<Publication, ReleaseError> {
    if number != 1 {
        return Err(ReleaseError::SecondRelease);
    }
    let mut tables = Vec::new();
    let mut scales = Vec::new();
    for input in inputs {
        let frame = Frame::new(input.unreleased, Lattice::new(dimensions), parameters, key);
        tables.extend(publish(&frame, input.basis, number));
        scales.extend(named_scales(&frame));
    }
    if tables.is_empty() {
        return Err(ReleaseError::TooFewContributors { needed: parameters.k });
    }
    scales.sort_unstable();
    scales.dedup();
    Ok(Publication { number, attack, scales, tables })
}

fn publish(frame: &Frame<'_>, basis: Basis, number: u32) -> Vec<Table> {
    let cohorts = frame.lattice.cohorts();
    let mut tables: Vec<Option<Table>> = cohorts
        .iter()
        .zip(frame.groups.iter().zip(&frame.published))
        .map(|(cohort, (groups, published))| {
            let members = Band::of(*groups).filter(|_| *published)?;
            Some(Table { basis, cohort: cohort.clone(), members, rows: BTreeMap::new() })
        })
        .collect();
    if tables.first().is_none_or(Option::is_none) {
        return Vec::new();
    }
    let mut write = |key: Key, scan: &Scan, released: &[bool]| {
        let Some(item) = frame.unreleased.layout.item(key) else { return };
        for ((table, count), _) in
            tables.iter_mut().zip(&scan.cohorts).zip(released).filter(|(_, released)| **released)
        {
            let shown = show(count, &item, frame.parameters, frame.key);
            if let (Some(table), Some(shown), Some(members)) = (table, shown, Band::of(count.groups)) {
                table.rows.insert(item.clone(), Row { shown, members, same_since: number });
            }
        }
    };
    for key in frame.unreleased.layout.simple_keys() {
        let scan = Scan::new(frame, frame.unreleased.entries(key));
        write(key, &scan, &reached(frame, &scan, &[]));
    }
    let columns = frame.unreleased.layout.columns();
    let mut masks = Masks::new(frame.seats.len());
    for first in frame.unreleased.layout.technique_keys() {
        // The coarser columns of this technique that were released somewhere, by offset.
        let mut above: BTreeMap<u32, (Scan, Vec<bool>)> = BTreeMap::new();
        for (offset, coarser) in &columns {
            let entries = frame.unreleased.entries(first + offset);
            if entries.len() < usize::try_from(frame.parameters.k).unwrap_or(usize::MAX) {
                continue;
            }
            let scan = Scan::new(frame, entries);
            let outside: Vec<(Outside, &[bool])> = coarser
                .iter()
                .filter_map(|offset| above.get(offset))
                .map(|(coarser, released)| {
                    (masks.with(coarser, |masks| scan.outside(frame, coarser, masks)), released.as_slice())
                })
                .collect();
            let released = reached(frame, &scan, &outside);
            write(first + offset, &scan, &released);
            above.insert(*offset, (scan, released));
        }
    }
    tables.into_iter().flatten().collect()
}

/// A scratch list by member, zero between uses.
struct Masks(Vec<u8>);

impl Masks {
    fn new(members: usize) -> Self {
        Self(vec![0; members])
    }

    fn with<T>(&mut self, scan: &Scan, act: impl FnOnce(&[u8]) -> T) -> T {
        scan.mark(&mut self.0);
        let result = act(&self.0);
        scan.unmark(&mut self.0);
        result
    }
}

/// R9 to R11 for one cell: in which cohorts it is released. `above` holds, per coarser column, the control groups
/// outside this cell and where that column was released.
fn reached(frame: &Frame<'_>, scan: &Scan, above: &[(Outside, &[bool])]) -> Vec<bool> {
    let safe = |groups: u32| groups == 0 || groups >= frame.parameters.d;
    let at = |flags: &[bool], cohort: usize| flags.get(cohort).copied().unwrap_or_default();
    let mut released: Vec<bool> = (0..scan.cohorts.len())
        .map(|cohort| {
            // R9: the cohort and the cell both hold k control groups.
            let enough = scan.cohorts.get(cohort).is_some_and(|count| count.groups >= frame.parameters.k);
            // R10 between columns, in the same cohort and against `all`.
            let count = |counts: &[u32]| counts.get(cohort).copied().unwrap_or(1);
            let nested = above.iter().all(|(outside, released)| {
                (!at(released, cohort) || safe(count(&outside.same)))
                    && (!at(released, 0) || safe(count(&outside.all)))
            });
            at(&frame.published, cohort) && enough && nested
        })
        .collect();
    if !at(&released, 0) {
        return released;
    }
    // R10 between `all` and each value, R11 between `all` and all values of a dimension together; the finer, smaller one
    // is dropped.
    let bits = super::frame::bits(&frame.lattice);
    for dimension in [2_u8, 4, 8] {
        let of_dimension =
            bits.iter().enumerate().filter(|(_, bit)| **bit == dimension).map(|(cohort, _)| cohort);
        let mut kept: Vec<usize> = of_dimension
            .filter(|cohort| at(&released, *cohort) && safe(scan.remainder(frame, &[*cohort])))
            .collect();
        // Smallest last, so that it is dropped first.
        kept.sort_by_key(|cohort| {
            (std::cmp::Reverse(scan.cohorts.get(*cohort).map_or(0, |count| count.groups)), *cohort)
        });
        while !kept.is_empty() && !safe(scan.remainder(frame, &kept)) {
            kept.pop();
        }
        for (cohort, released) in released.iter_mut().enumerate() {
            let in_dimension = frame.lattice.cohorts().get(cohort).map(bit) == Some(dimension);
            *released &= !in_dimension || kept.contains(&cohort);
        }
    }
    released
}

/// R14 to R16: what a cell shows; `None` where that is nothing.
fn show(count: &Count, item: &super::Item, parameters: &Parameters, key: &ReleaseKey) -> Option<Shown> {
    let histogram: &Histogram = &count.histogram;
    let coded = |value: u8| Coded::new(value, item.unit(), parameters);
    if count.groups < FULL_DISPLAY || histogram.n() < FULL_DISPLAY {
        let p50 = coded(*histogram.quantiles(&[50], parameters, key)?.first()?);
        return Some(match item.is_technique() {
            true => Shown::Half(!p50.is_low()),
            false => Shown::Quantiles(Quantiles { p10: None, p25: None, p50, p75: None, p90: None }),
        });
    }
    let tails = histogram.n() >= parameters.tails_min_n;
    let percentiles: &[u32] = if tails { &[10, 25, 50, 75, 90] } else { &[25, 50, 75] };
    let values: Vec<Coded> =
        histogram.quantiles(percentiles, parameters, key)?.into_iter().map(coded).collect();
    let quantiles = match *values.as_slice() {
        [p10, p25, p50, p75, p90] => {
            Quantiles { p10: Some(p10), p25: Some(p25), p50, p75: Some(p75), p90: Some(p90) }
        }
        [p25, p50, p75] => Quantiles { p10: None, p25: Some(p25), p50, p75: Some(p75), p90: None },
        _ => return None,
    };
    let few = item.is_technique() && quantiles.p75.is_some_and(Coded::is_low);
    Some(if few { Shown::Few } else { Shown::Quantiles(quantiles) })
}

/// The scales that at least k control groups of `all` use.
fn named_scales(frame: &Frame<'_>) -> Vec<Scale> {
    let mut users = vec![[false; Scale::ALL.len()]; frame.seats.len()];
    for entry in frame.unreleased.all_entries() {
        let user = usize::try_from(entry.member).ok().and_then(|member| users.get_mut(member));
        user.and_then(|user| user.get_mut(usize::from(entry.scale)))
            .into_iter()
            .for_each(|uses| *uses = true);
    }
    let groups = |scale: usize| {
        let of = frame.seats.iter().zip(&users).zip(&frame.unreleased.members);
        let using = of.filter(|((seat, user), _)| seat.mask & 1 != 0 && user.get(scale) == Some(&true));
        using.map(|(_, member)| &member.control_group).collect::<std::collections::BTreeSet<_>>().len()
    };
    let enough = |scale: usize| u32::try_from(groups(scale)).is_ok_and(|groups| groups >= frame.parameters.k);
    Scale::ALL
        .into_iter()
        .enumerate()
        .filter(|(position, _)| enough(*position))
        .map(|(_, scale)| scale)
        .collect()
}
