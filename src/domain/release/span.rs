//! R11b: sums and differences of published cohorts. A cohort joins the published ones only if no unpublished cohort and
//! no atom (one value of every dimension) with 1 to d-1 control groups can then be written as a linear combination of
//! them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, frame::Frame, scan::Scan};

/// Arithmetic is modulo this prime; a combination over the rationals with small coefficients is one modulo it.
const P: u64 = (1 << 31) - 1;

/// A vector over the occupied atoms.
type Vector = Vec<u64>;

/// The cohorts of `wanted` that stay, judged in R10's order: coarse to fine, larger first, ties by cohort.
pub(super) fn safe(frame: &Frame<'_>, scan: &Scan<'_>, wanted: Vec<bool>) -> Vec<bool> {
    if !frame.parameters.holds(Rule::R11b) {
        return wanted;
    }
    let d = frame.parameters.d;
    let few = |groups: u32| (1..d).contains(&groups);
    let mut numbers: BTreeMap<[u16; 3], usize> = BTreeMap::new();
    let mut groups: Vec<BTreeSet<u32>> = Vec::new();
    let mut holds: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); wanted.len()];
    for one in &scan.kept {
        let Some(seat) = scan.seating.seat(one.member) else { continue };
        let [_, sector, size, region, ..] = seat.seats;
        let next = numbers.len();
        let atom = *numbers.entry([sector, size, region]).or_insert(next);
        groups.resize_with(numbers.len(), BTreeSet::new);
        let group = seat.group;
        groups.get_mut(atom).into_iter().for_each(|groups| {
            groups.insert(group);
        });
        for cohort in seat.cohorts(one.mask) {
            holds.get_mut(cohort).into_iter().for_each(|atoms| {
                atoms.insert(atom);
            });
        }
    }
    let vector = |atoms: &BTreeSet<usize>| -> Vector {
        (0..numbers.len()).map(|atom| u64::from(atoms.contains(&atom))).collect()
    };
    let mut order: Vec<usize> =
        (0..wanted.len()).filter(|cohort| wanted.get(*cohort) == Some(&true)).collect();
    order.sort_by_key(|cohort| {
        let slot = frame.lattice.slot(*cohort);
        (slot.min(1) + slot / 4, std::cmp::Reverse(scan.groups(*cohort)), *cohort)
    });
    // What must not become derivable. A wanted cohort has at least k control groups, so it is never among these.
    let atoms =
        groups.iter().enumerate().filter(|(_, groups)| few(u32::try_from(groups.len()).unwrap_or(u32::MAX)));
    let mut hidden: Vec<Vector> = atoms.map(|(atom, _)| vector(&BTreeSet::from([atom]))).collect();
    let cohorts = holds.iter().enumerate().filter(|(cohort, _)| few(scan.groups(*cohort)));
    hidden.extend(cohorts.map(|(_, atoms)| vector(atoms)));
    let mut rows: Vec<(usize, Vector)> = Vec::new();
    let mut published = vec![false; wanted.len()];
    for cohort in order {
        let mut row = vector(holds.get(cohort).unwrap_or(&BTreeSet::new()));
        rows.iter().for_each(|(pivot, basis)| reduce(&mut row, *pivot, basis));
        let Some(pivot) = row.iter().position(|value| *value != 0) else {
            // Already derivable: publishing it tells nothing new.
            published.get_mut(cohort).into_iter().for_each(|slot| *slot = true);
            continue;
        };
        normalise(&mut row, pivot);
        let reduced: Vec<Vector> = hidden
            .iter()
            .map(|vector| {
                let mut vector = vector.clone();
                reduce(&mut vector, pivot, &row);
                vector
            })
            .collect();
        if reduced.iter().any(|vector| vector.iter().all(|value| *value == 0)) {
            continue;
        }
        hidden = reduced;
        rows.push((pivot, row));
        published.get_mut(cohort).into_iter().for_each(|slot| *slot = true);
    }
    published
}

/// Takes away the multiple of `basis`, which is 1 at `pivot`, that makes `row` 0 there.
fn reduce(row: &mut Vector, pivot: usize, basis: &Vector) {
    let factor = row.get(pivot).copied().unwrap_or_default();
    if factor != 0 {
        row.iter_mut().zip(basis).for_each(|(value, base)| *value = (*value + (P - factor) * base) % P);
    }
}

fn normalise(row: &mut Vector, pivot: usize) {
    let inverse = power(row.get(pivot).copied().unwrap_or(1), P - 2);
    row.iter_mut().for_each(|value| *value = *value * inverse % P);
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % P;
        }
        base = base * base % P;
        exponent >>= 1;
    }
    result
}
