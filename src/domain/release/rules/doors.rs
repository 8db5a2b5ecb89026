//! R34: nothing appears or goes because of few. What today's list may not show stays as it was until many changed; and what
//! is shown is judged by the lists that it stands on.

use super::{
    reason::{Reason, Verdict},
    refresh::{Choice, Refreshed},
};
use crate::domain::release::cohorts::index::ByCohort;

/// R34: judges the lists that numbers would stand on. Where a cohort's new number is refused and its old one may stay, the old
/// one is judged in its place, and all others again, because finer cells were judged against the new one.
pub fn settle(
    refreshed: &mut Refreshed<'_>,
    judge: impl Fn(&Refreshed<'_>) -> ByCohort<Verdict>,
) -> ByCohort<Verdict> {
    loop {
        let verdicts = judge(refreshed);
        let mut again = false;
        for (cohort, verdict) in verdicts.iter() {
            let instead = refreshed.instead[cohort].filter(|_| refreshed.choices[cohort] == Choice::Anew);
            // In a cohort that is not published the old number would be hidden like the new one.
            if let (Some((baseline, list)), Err(reason)) = (instead, verdict)
                && *reason != Reason::Cohort
            {
                refreshed.choices[cohort] = Choice::AsBefore(baseline);
                refreshed.stands[cohort] = list;
                again = true;
            }
        }
        if !again {
            return verdicts;
        }
    }
}
