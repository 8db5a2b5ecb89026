//! R13: a cohort that did not exist before appears only where it differs enough from every cohort that was published.

use std::collections::BTreeSet;

use crate::domain::release::{
    cohorts::{
        index::{By, CohortIx, Members},
        lattice::Lattice,
        membership::Pseudonyms,
    },
    counting::count::Counted,
    earlier::previous::Earlier,
    error::ReleaseError,
    parameters::{Parameters, Rule},
};

/// R13: says that a cohort existed before, or differs from every one that was published by none or at least d control
/// groups. `everybody` counts the members, and `pseudonyms` holds their names.
pub fn differs_enough(
    parameters: &Parameters,
    lattice: &Lattice,
    earlier: &Earlier<'_>,
    (everybody, pseudonyms): (&Counted<'_>, &By<Members, Pseudonyms>),
    cohort: CohortIx,
) -> Result<bool, ReleaseError> {
    if !earlier.is_new(cohort) || !parameters.holds(Rule::R13) {
        return Ok(true);
    }
    let slot = lattice.slot(cohort);
    let inside = everybody.respondents.iter().filter(|one| {
        let membership = everybody.memberships.get(one.member);
        one.counts_in.contains(slot)
            && membership.is_some_and(|of| everybody.memberships.cohorts(of)[slot] == Some(cohort))
    });
    let inside: BTreeSet<(u64, u64)> =
        inside.map(|one| (pseudonyms[one.member].organisation, pseudonyms[one.member].group)).collect();
    Ok(earlier.published()?.iter().all(|before| {
        let groups: BTreeSet<u64> = inside.symmetric_difference(before).map(|(_, group)| *group).collect();
        groups.is_empty() || u32::try_from(groups.len()).is_ok_and(|groups| groups >= parameters.d)
    }))
}
