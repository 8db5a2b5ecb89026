//! The release itself: from everybody's values to the published tables, rule by rule.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use thiserror::Error;

use super::{
    Band, Coded, Item, Key, Lattice, Parameters, Publication, Quantiles, ReleaseKey, Row, Shown, Table,
    Unreleased,
    block::Lists,
    frame::Frame,
    nested::{Above, reached},
    quantile::Histogram,
    scan::{Count, Scan},
};
use crate::domain::{
    attack::AttackVersion, organisation::Dimensions, scale::Scale, snapshot::Basis, technology::Family,
};

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
        let frame =
            Frame::new(input.unreleased, lattice(input.unreleased, dimensions, parameters), parameters, key);
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

/// R13: pairs only in a community that is large enough.
fn lattice(unreleased: &Unreleased, dimensions: &Dimensions, parameters: &Parameters) -> Lattice {
    let contributors = u32::try_from(unreleased.members.len()).unwrap_or(u32::MAX);
    Lattice::new(dimensions, contributors >= parameters.pairs_min_n)
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
    let layout = &frame.unreleased.layout;
    let simple = (0..layout.simple_len()).into_par_iter().flat_map_iter(|key| {
        let mut scan = Scan::new(frame, &frame.unreleased.simple(key));
        let released = reached(frame, &scan, &[]);
        shown(frame, &mut scan, &released, &[key], number)
    });
    let blocks = (0..layout.block_count()).into_par_iter().flat_map_iter(|block| {
        let lists = Lists::new(frame.unreleased, block, &frame.families);
        lists
            .techniques()
            .flat_map(|(slot, first)| technique(frame, &lists, slot, first, number))
            .collect::<Vec<_>>()
    });
    for (cohort, item, row) in simple.chain(blocks).collect::<Vec<_>>() {
        if let Some(Some(table)) = tables.get_mut(cohort) {
            table.rows.insert(item, row);
        }
    }
    tables.into_iter().flatten().collect()
}

/// A published row with the position of its cohort.
type Written = (usize, Item, Row);

/// One technique in every column, coarse to fine.
fn technique(frame: &Frame<'_>, lists: &Lists, slot: usize, first: Key, number: u32) -> Vec<Written> {
    let layout = &frame.unreleased.layout;
    let least = usize::try_from(frame.parameters.k).unwrap_or(usize::MAX);
    let mut written = Vec::new();
    let mut decide = |offset: u32, above: &[&Decided], also: &[Key]| -> Option<Decided> {
        let list = lists.list(slot, offset);
        if list.len() < least {
            return None;
        }
        let mut scan = Scan::new(frame, list);
        let above: Vec<Above<'_>> = above
            .iter()
            .map(|above| Above::new(frame, &above.scan, &above.released, &scan, lists.one_scale))
            .collect();
        let released = reached(frame, &scan, &above);
        let keys = [&[first + offset], also].concat();
        written.extend(shown(frame, &mut scan, &released, &keys, number));
        Some(Decided { scan, released })
    };
    let any = decide(0, &[], &[]);
    let families: BTreeMap<u32, Option<Decided>> = Family::ALL
        .into_iter()
        .map(|family| layout.family_offset(family))
        .map(|offset| (offset, decide(offset, &any.iter().collect::<Vec<_>>(), &[])))
        .collect();
    for (family, technology) in frame.families.iter().zip(0_u16..) {
        let (offset, cell) = (layout.technology_offset(technology), layout.cell_offset(technology));
        let mut above: Vec<&Decided> = any.iter().chain(families.get(family).into_iter().flatten()).collect();
        if lists.list(slot, offset) == lists.list(slot, cell) {
            decide(offset, &above, &[first + cell]);
            continue;
        }
        let column = decide(offset, &above, &[]);
        above.extend(&column);
        decide(cell, &above, &[]);
    }
    written
}

/// A column that finer ones are judged against.
struct Decided {
    scan: Scan,
    released: Vec<bool>,
}

/// The rows of keys that have the same list, in the cohorts where it is released.
fn shown(frame: &Frame<'_>, scan: &mut Scan, released: &[bool], keys: &[Key], number: u32) -> Vec<Written> {
    let jittered = |(cohort, released): (usize, &bool)| {
        *released
            && scan.cohorts.get(cohort).is_some_and(|count| frame.parameters.jitter(count.histogram.n()) > 0)
    };
    let jittered: Vec<bool> = released.iter().enumerate().map(jittered).collect();
    if jittered.contains(&true) {
        scan.identify(frame, &jittered);
    }
    let items: Vec<Item> = keys.iter().filter_map(|key| frame.unreleased.layout.item(*key)).collect();
    let mut written = Vec::new();
    for (cohort, count) in released
        .iter()
        .zip(&scan.cohorts)
        .enumerate()
        .filter(|(_, (released, _))| **released)
        .map(|(cohort, (_, count))| (cohort, count))
    {
        for item in &items {
            let shown = show(count, item, frame.parameters, frame.key);
            if let (Some(shown), Some(members)) = (shown, Band::of(count.groups)) {
                written.push((cohort, item.clone(), Row { shown, members, same_since: number }));
            }
        }
    }
    written
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
    let mut users = vec![0_u8; frame.seats.len()];
    let layout = &frame.unreleased.layout;
    let scales = (0..layout.block_count()).flat_map(|block| frame.unreleased.scales(block));
    for (member, scale) in scales {
        let user = usize::try_from(member).ok().and_then(|member| users.get_mut(member));
        user.into_iter().for_each(|user| *user |= 1_u8.checked_shl(scale.into()).unwrap_or_default());
    }
    let groups = |scale: usize| {
        let of = frame.seats.iter().zip(&users).zip(&frame.unreleased.members);
        let using = of.filter(|((seat, user), _)| seat.mask & 1 != 0 && **user & 1 << scale != 0);
        using.map(|(_, member)| &member.control_group).collect::<BTreeSet<_>>().len()
    };
    let enough = |scale: usize| u32::try_from(groups(scale)).is_ok_and(|groups| groups >= frame.parameters.k);
    let known = Scale::ALL.into_iter().enumerate();
    known.filter(|(position, _)| enough(*position)).map(|(_, scale)| scale).collect()
}
