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
//! | R28 | `src/domain/release/rules/refresh.rs` | `terms` |
//! | R29 | `src/domain/quarantine.rs` | |
//! | R30 | `src/domain/release/manifest.rs` | `new` |

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
    reason::{Explanation, Reason},
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
use publish::{decide_cells, decide_cohorts, named_scales, pairs};
use rules::{
    display::Display,
    reason::Reasons,
    refresh::{self, Refreshed},
    threshold_and_difference as rule,
};
use run::{Run, Terms};

use super::{attack::AttackVersion, dimension::Dimensions, snapshot::Basis};

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

/// Publishes as [`release`] does, and says of every cell why it is not shown where it is not: for tests so far, and never
/// for a member.
pub fn explain(
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
        let mut run = Run::new(terms, (*basis, *unreleased), lattice, previous.as_mut())?;
        // R9 to R13 on the members alone: a cohort that may not be shown shows no cell either.
        let cohorts = decide_cohorts(&mut run, decide)?;
        // R9 to R18 on every cell: a technique's coarse columns first, because finer ones are judged against them.
        let (tables, ledger) = decide_cells(&run, cohorts, decide)?;
        // R9 on the names of scales: last, because nothing depends on them.
        publication.scales.extend(named_scales(&run)?);
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

/// The policy of one cell, in every cohort at once.
fn decide<'f>(run: &'f Run<'_>, cell: &Cell<'f, '_>) -> Result<Decided<'f>, ReleaseError> {
    let Terms { number, parameters, key, .. } = run.terms;
    // R9 where it is seen at once: most lists are shorter than k, and none of the other rules need be asked.
    if let Some(outcome) = cell.short(run)? {
        return Ok((None, outcome));
    }
    // R12: who counts. Before all counting, because whom a dominant control group leaves out counts for no rule.
    let mut counted = Counted::new(&run.memberships, &run.lattice, cell.entries, parameters)?;
    // R17, R28: a new number, the one of before, or none. Before R9 to R11, which judge the lists that numbers stand on.
    let seed = cell.seed(run);
    counted.tag(&run.fingerprints, seed);
    let mut refreshed = refresh::compare(parameters, &cell.before(run, seed), &counted)?;
    // R13: a new cohort. With R17, because it asks what was published before.
    cell.judge_new_cohorts(run, &counted, &mut refreshed)?;
    let verdicts = cell.candidates(run, &refreshed);
    let Refreshed { choices, lists, now, stands } = refreshed;
    let lists = CellLists::new(counted, &lists);
    // R9, R10, R11: threshold, differences and remainders, coarse to fine. They hide most, so that little is left for R11b.
    let above: Vec<_> = cell.above.iter().map(|above| above.above(&lists, cell.within)).collect();
    let judged =
        rule::Cell { lattice: &run.lattice, parameters, lists: &lists, now, stands: &stands, above: &above };
    let verdicts = rule::judge(&judged, verdicts);
    // R11b: the span. After the others, because a cohort that they hide spans nothing.
    let mut verdicts = run.span.judge(parameters, &lists, now, verdicts);
    // R14, R15, R16, R18: the numbers and bands of what is shown anew. Last, because they hide hardly anything.
    let display = Display { number, parameters, key, fingerprints: &run.fingerprints };
    let fresh = display.fresh(cell.item, &lists.now, &choices, &mut verdicts);
    // R17 at the next release: what these numbers stand on.
    Ok(cell.record(run, seed, Decision::new(lists, now, &stands, verdicts), (&choices, &fresh)))
}

#[cfg(test)]
mod tests;
