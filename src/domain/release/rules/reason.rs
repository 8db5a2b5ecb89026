//! The reasons of decisions, for tests and for the operator's readiness alone: a member's answer, a table and a ledger
//! never hold one (R19).

use std::sync::{Mutex, PoisonError};

use crate::domain::{cohort::Cohort, named::named, release::item::Item, snapshot::Basis};

named! {
    /// The rule that keeps a cell from being shown in a cohort.
    pub enum Reason("reason") {
        /// The cohort itself is not published.
        Cohort = "cohort",
        /// Too few control groups changed since the cell showed nothing (R34).
        Refresh = "refresh",
        /// Fewer than k control groups (R9).
        Threshold = "threshold",
        /// Fewer than k control groups, and without R12 there would be as many.
        Dominance = "dominance",
        /// 1 to d-1 control groups in a difference from a coarser cohort or column (R10).
        Difference = "difference",
        /// 1 to d-1 control groups are left beside the shown parts of a cohort (R11).
        Remainder = "remainder",
        /// A small group would follow from what is shown (R11b).
        Span = "span",
        /// No number can be made of the list (R14).
        Display = "display",
    }
}

/// A decision on a cell in a cohort.
pub type Verdict = Result<(), Reason>;

/// A cell that is not shown in a cohort.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Explanation {
    pub basis: Basis,
    pub cohort: Cohort,
    pub item: Item,
    pub reason: Reason,
}

/// The reasons of a release, in no order.
#[derive(Debug, Default)]
pub struct Reasons(Mutex<Vec<Explanation>>);

impl Reasons {
    /// Writes down why an item is not shown, cohort by cohort.
    pub fn note<'c>(&self, basis: Basis, item: &Item, verdicts: impl Iterator<Item = (&'c Cohort, Verdict)>) {
        let explain = |(cohort, verdict): (&Cohort, Verdict)| {
            let reason = verdict.err()?;
            Some(Explanation { basis, cohort: cohort.clone(), item: item.clone(), reason })
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(verdicts.filter_map(explain));
    }

    /// All of them, by basis, cohort and item.
    pub fn explanations(self) -> Vec<Explanation> {
        let mut all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.sort();
        all
    }
}
