//! The release: where pooled secrets become publishable numbers. Every number that leaves the service passes through
//! [`release`], a pure function of the contributions, the previous publication, the parameters and the key. [`release`]
//! and `decide` are the policy: each line is a step, in the order in which the rules apply.
//!
//! Each rule of `GET /v1/privacy` (R11 there is R11 and R11b here) has one function below this file, or lives elsewhere:
//!
//! | rule | where | function |
//! |---|---|---|
//! | R1 | `src/domain/scale.rs` | |
//! | R2 | `src/app/entitlement.rs`, and R7 | |
//! | R3 | `src/domain/organisation.rs` | |
//! | R4 | `src/domain/attack/migrate.rs` | |
//! | R5 | `src/domain/coverage/rollup.rs` | |
//! | R6 | `src/app/publish_release.rs` | |
//! | R7 | `src/domain/release/rules/contributors.rs` | `contributes` |
//! | R8 | `src/app/published.rs` | |
//! | R9 | `src/domain/release/rules/threshold_and_difference.rs` | `threshold` |
//! | R10 | `src/domain/release/rules/threshold_and_difference.rs` | `difference` |
//! | R11 | `src/domain/release/rules/threshold_and_difference.rs` | `remainder` |
//! | R11b | `src/domain/release/rules/span.rs` | `judge` |
//! | R12 | `src/domain/release/rules/dominance.rs` | `stay` |
//! | R13 | `src/domain/release/rules/new_cohort.rs` | `differs_enough` |
//! | R14 | `src/domain/release/counting/quantile.rs` | `quantiles` |
//! | R15 | `src/domain/release/rules/code.rs` | `new` |
//! | R16 | `src/domain/release/rules/display.rs` | `is_few` |
//! | R17 | `src/domain/release/rules/refresh.rs` | `compare` |
//! | R18 | `src/domain/release/rules/band.rs` | `of` |
//! | R19 | `src/wire/item.rs` | |
//! | R20 | `src/app/published.rs` | |
//! | R21 | `src/domain/comparison/position.rs` | |
//! | R22 | `src/domain/release/rules/band.rs` | `ranks` |
//! | R23 | `src/app/entitlement.rs` | |
//! | R24 | `src/http/middleware/trace.rs` | |
//! | R25 | `src/app/withdraw_snapshot.rs` | |
//! | R26 | `src/domain/release/error.rs` | |
//! | R28 | `src/domain/release/rules/resolution.rs` | `recode` |
//! | R29 | `src/domain/quarantine.rs` | |
//! | R30 | `src/domain/release/manifest.rs` | `new` |
//! | R31 | `src/domain/release/rules/hysteresis.rs` | `keep` |
//! | R32 | `src/domain/release/rules/change.rs` | `needed` |
//! | R33 | `src/domain/release/rules/scale.rs` | `turn` |
//! | R34 | `src/domain/release/rules/doors.rs` | `settle` |
//! | R35 | `src/domain/release/rules/pairs.rs` | `show_coarser` |

use std::collections::BTreeMap;

mod cell;
mod cohorts;
mod counting;
mod document;
mod earlier;
mod error;
mod hash;
mod item;
mod manifest;
mod parameters;
mod publication;
mod publish;
mod release_key;
mod rules;
mod run;
mod values;

pub use cohorts::{
    index::{By, MemberIx, Members},
    lattice::{Lattice, TooManyCohorts},
};
#[cfg(test)]
pub(crate) use counting::quantile::plain;
pub use document::{Items, TableError};
pub use earlier::{
    parts::{MemoryParts, PartError, PartId, Parts},
    previous::Previous,
};
pub use error::ReleaseError;
pub use hash::Hash;
pub use item::Item;
pub use manifest::{Manifest, Proof, Reading, Seal, Unread};
pub use parameters::{Parameter, ParameterError, Parameters, Preset, Recorded, Rule};
pub use publication::{Ledger, Publication, Quantiles, Row, Shown, Table};
pub use publish::count;
pub use release_key::ReleaseKey;
pub use rules::{
    band::{Band, Grade},
    code::{Coded, End, Unit},
    contributors::{Candidate, contributes},
    reason::Reason,
};
pub use values::{
    layout::{
        BlockIx, ColumnIx, Key, Layout, LayoutError, Simple, SimpleIx, TechniqueIx, Technology, TechnologyIx,
    },
    roll_up::{BlockLists, RollUp, RollUpError},
    unreleased::{ABSENT, Member, Unreleased},
};

use cell::{Cell, Decided, Decision};
use counting::{count::Counted, differences::CellLists};
use publish::{decide_cells, decide_cohorts, decide_scales, pairs};
#[cfg(test)]
use rules::reason::Explanation;
use rules::{
    display::Display,
    doors,
    pairs::show_coarser,
    reason::Reasons,
    refresh::{self, Before},
    threshold_and_difference as rule,
};
use run::{Run, Terms};

use super::{attack::AttackVersion, cohort::Cohort, dimension::Dimensions, snapshot::Basis};

/// The observations of one basis.
pub struct Input<'a> {
    pub basis: Basis,
    pub unreleased: &'a Unreleased,
}

/// Publishes the release that follows `previous`, whose lists are among the parts, and puts its own there. `inputs` holds one
/// entry per benchmarked basis; a basis whose `all` is too small has no table. Everything that cannot be evaluated is not
/// released (R26). Uses the threads of the pool that it is called in; the result does not depend on them.
pub fn release(
    attack: AttackVersion,
    inputs: &[Input<'_>],
    previous: Option<Previous>,
    parts: &dyn Parts,
    dimensions: &Dimensions,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Result<Publication, ReleaseError> {
    let number = number_after(previous.as_ref());
    publish(Terms { number, attack, parameters, key, parts, reasons: None }, inputs, previous, dimensions)
}

/// Says why today's members alone keep cohorts from being published, as if nothing had been published before: for the
/// operator's readiness, and never for a member. Cohorts that would be published are left out.
pub fn explain_cohorts(
    attack: AttackVersion,
    Input { basis, unreleased }: Input<'_>,
    dimensions: &Dimensions,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Result<BTreeMap<Cohort, Reason>, ReleaseError> {
    let (reasons, parts) = (Reasons::default(), MemoryParts::default());
    let number = number_after(None);
    let terms = Terms { number, attack, parameters, key, parts: &parts, reasons: Some(&reasons) };
    let lattice = Lattice::new(dimensions, pairs(unreleased, parameters))?;
    let mut run = Run::new(terms, (basis, unreleased), lattice, (None, None))?;
    decide_cohorts(&mut run, decide)?;
    Ok(reasons.explanations().into_iter().map(|why| (why.cohort, why.reason)).collect())
}

/// Publishes as [`release`] does, and says of every cell why it is not shown where it is not.
#[cfg(test)]
fn explain(
    attack: AttackVersion,
    inputs: &[Input<'_>],
    previous: Option<Previous>,
    parts: &dyn Parts,
    dimensions: &Dimensions,
    parameters: &Parameters,
    key: &ReleaseKey,
) -> Result<(Publication, Vec<Explanation>), ReleaseError> {
    let number = number_after(previous.as_ref());
    let reasons = Reasons::default();
    let terms = Terms { number, attack, parameters, key, parts, reasons: Some(&reasons) };
    let publication = publish(terms, inputs, previous, dimensions)?;
    Ok((publication, reasons.explanations()))
}

fn number_after(previous: Option<&Previous>) -> u32 {
    previous.map_or(0, |previous| previous.number) + 1
}

/// The policy of a release, basis by basis.
fn publish(
    terms: Terms<'_>,
    inputs: &[Input<'_>],
    mut previous: Option<Previous>,
    dimensions: &Dimensions,
) -> Result<Publication, ReleaseError> {
    let Terms { number, attack, parameters, .. } = terms;
    let mut publication =
        Publication { number, attack, scales: Vec::new(), tables: Vec::new(), ledgers: Vec::new() };
    for Input { basis, unreleased } in inputs {
        // R13: the cohorts that there can be. First, because every later rule asks cohort by cohort.
        let lattice = Lattice::new(dimensions, pairs(unreleased, parameters))?;
        // R3, R12, R17: the members in these cohorts, without those whom a dominant control group leaves out, and what was
        // published before. Before any cell, because cells share both; what can't be read stops everything (R26).
        let other = beside(&publication, unreleased, (parameters, previous.as_ref()));
        let mut run = Run::new(terms, (*basis, *unreleased), lattice, (previous.as_mut(), other))?;
        // R9 to R13 on the members alone: a cohort that may not be shown shows no cell either.
        let cohorts = decide_cohorts(&mut run, decide)?;
        // R33 on the names of scales, which are carried like numbers.
        let (scales, users) = decide_scales(&run, decide)?;
        publication.scales.extend(scales);
        // R9 to R18 and R31 to R35 on every cell: a technique's coarse columns first, because finer ones are judged against
        // them.
        let (tables, ledger) = decide_cells(&run, [cohorts, users], decide)?;
        publication.tables.extend(tables);
        publication.ledgers.push(ledger);
    }
    if publication.tables.is_empty() && previous.is_none() {
        return Err(ReleaseError::TooFewContributors { needed: parameters.k });
    }
    publication.scales.sort_unstable();
    publication.scales.dedup();
    Ok(publication)
}

/// The basis that was published first, as the others are compared with it (R35): where there are so many members that a cohort
/// may be published.
fn beside(
    publication: &Publication,
    unreleased: &Unreleased,
    (parameters, previous): (&Parameters, Option<&Previous>),
) -> Option<(Basis, Previous)> {
    let ledger = publication.ledgers.first()?;
    let enough = u32::try_from(unreleased.members.len()).is_ok_and(|members| members >= parameters.k);
    if !enough || !parameters.holds(Rule::R35) {
        return None;
    }
    let basis = ledger.basis;
    let tables = publication.tables.iter().filter(|table| table.basis == basis).cloned().collect();
    let earlier = previous.map(|previous| previous.heads.clone()).unwrap_or_default();
    let first = Publication { tables, ledgers: vec![ledger.clone()], scales: Vec::new(), ..*publication };
    Some((basis, Previous { heads: earlier, ..Previous::default() }.followed_by(first)))
}

/// The policy of one cell, in every cohort at once.
fn decide<'f>(run: &'f Run<'_>, cell: &Cell<'f, '_>) -> Result<Decided<'f>, ReleaseError> {
    let Terms { number, parameters, key, .. } = run.terms;
    // R9 where it is seen at once: most lists are shorter than k, and none of the other rules need be asked.
    if let Some(outcome) = cell.short(run)? {
        return Ok((None, outcome));
    }
    // R33, R28: its scale, and what it was on that scale, coded as coarsely as now. First, because a list holds one scale.
    let was = cell.was(run)?;
    // R12: who counts. Before all counting, because whom a dominant control group leaves out counts for no rule.
    let counted = Counted::new(&run.memberships, &run.lattice, (cell.entries, was.scale), parameters)?;
    // R17, R32: a new number, the one of before, or none. Before R9 to R11, which judge the lists that numbers stand on.
    let everyone = cell.tagged(run, &counted);
    let (item, past, fingerprints, coding) = (cell.item, &was.past, &run.fingerprints, run.coding(cell.item));
    let (earlier, seeds) = (run.earlier.as_ref(), cell.seeds(run));
    let before = Before { parameters, key, fingerprints, item, earlier, past, seeds, coding };
    let mut refreshed = refresh::compare(&before, &counted, everyone)?;
    // R13: a new cohort. With R17, because it asks what was published before.
    cell.judge_new_cohorts(run, &counted, &mut refreshed)?;
    let lists = CellLists::new(counted, &refreshed.lists);
    let above: Vec<_> = cell.above.iter().map(|above| above.above(&lists, cell.within)).collect();
    // R34: the lists that numbers stand on are judged, and what today's may not show stays until many changed.
    let mut verdicts = doors::settle(&mut refreshed, |refreshed| {
        let (lattice, now, stands) = (&run.lattice, refreshed.now, &refreshed.stands);
        let judged = rule::Cell { lattice, parameters, lists: &lists, now, stands, above: &above };
        // R9, R10, R11: threshold, differences and remainders, coarse to fine. They hide most, so that little is left for R11b.
        let verdicts = rule::judge(&judged, cell.candidates(run, refreshed));
        // R11b: the span. After the others, because a cohort that they hide spans nothing.
        run.span.judge(parameters, &lists, stands, verdicts)
    });
    drop(above);
    // R14, R15, R16, R18, R31: the numbers and bands of what is shown anew. After the others, because they hide hardly anything.
    let display = Display { number, parameters, key, fingerprints, coding, past, item };
    let fresh = display.fresh(&lists.now, &refreshed.choices, &mut verdicts);
    let shown = cell.shown(past, (&refreshed.choices, &verdicts), &fresh);
    // R35: rows that hardly differ from a coarser one's. Last, because it compares what is shown.
    let memberships = refreshed.memberships(&run.memberships);
    let (whole, now, stands) = (refreshed.whole, refreshed.now, refreshed.stands);
    let mut decision = Decision::new(lists, (whole, memberships), (now, stands), (verdicts, shown));
    let coarser: Vec<_> = cell.above.iter().copied().chain(cell.beside).map(Decision::column).collect();
    for (cohort, row) in show_coarser(parameters, &decision.column(), &coarser) {
        decision.shown[cohort] = row;
    }
    cell.hide_beside_other_basis(run, &mut decision)?;
    // R17 at the next release: what these numbers stand on.
    Ok(cell.record(run, decision, (&was, &refreshed.choices)))
}

#[cfg(test)]
mod tests;
