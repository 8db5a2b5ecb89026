//! An organisation's own book of gaps: what it decided about each, and what follows from its coverage. A gap closes and
//! reopens by itself. What closed it is never stored: it is worked out from the snapshots that there are, so that a
//! snapshot that is withdrawn leaves no trace here.

use chrono::{DateTime, Utc};

use crate::domain::{
    attack::{AttackVersion, TechniqueId},
    calendar::Month,
    named::named,
};

named! {
    /// The status of a gap.
    pub enum GapStatus("status of a gap") {
        /// Nothing was decided, or a decision has ended.
        Open = "open",
        /// To be closed in a month.
        Planned = "planned",
        /// Left open on purpose.
        Accepted = "accepted",
        /// Your coverage reaches the peers' median, or its level is full.
        Closed = "closed",
    }
}

named! {
    /// The reason why a gap is left open.
    pub enum AcceptedReason("reason") {
        OutOfScope = "out_of_scope",
        CompensatingControl = "compensating_control",
        NoSource = "no_source",
        Cost = "cost",
        Other = "other",
    }
}

/// A decision about a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Open,
    Planned {
        month: Month,
    },
    Accepted {
        reason: AcceptedReason,
        /// The last month in which it holds.
        until: Month,
    },
}

/// An entry of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookEntry {
    pub technique: TechniqueId,
    /// The ATT&CK version in which the technique has this id.
    pub attack: AttackVersion,
    pub decision: Decision,
    pub decided_at: DateTime<Utc>,
}

/// The state of an organisation's coverage of a technique after one of its uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub at: DateTime<Utc>,
    /// No gap was left (see [`is_reached`](super::is_reached)).
    pub reached: bool,
}

/// The state of a gap in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapState {
    pub status: GapStatus,
    pub decision: Decision,
    /// The upload since which it is closed; `None` where it was closed when it was decided on, or isn't.
    pub closed_at: Option<DateTime<Utc>>,
    /// The upload with which it fell back after it had been closed.
    pub reopened_at: Option<DateTime<Utc>>,
    /// The planned month has passed.
    pub overdue: bool,
}

impl Decision {
    pub fn status(self) -> GapStatus {
        match self {
            Self::Open => GapStatus::Open,
            Self::Planned { .. } => GapStatus::Planned,
            Self::Accepted { .. } => GapStatus::Accepted,
        }
    }
}

/// Works out the state of a gap that was decided on. `reached` is said of the coverage of now; `steps` are the uploads
/// since the decision that are still there, in order.
pub fn state(decision: Decision, reached: bool, steps: &[Step], now: Month) -> GapState {
    let open =
        GapState { status: GapStatus::Open, decision, closed_at: None, reopened_at: None, overdue: false };
    if reached {
        let since = steps.iter().rposition(|step| !step.reached).map_or(0, |last| last + 1);
        return GapState {
            status: GapStatus::Closed,
            closed_at: steps.get(since).map(|step| step.at),
            ..open
        };
    }
    if let Some(last) = steps.iter().rposition(|step| step.reached) {
        return GapState { reopened_at: steps.get(last + 1).map(|step| step.at), ..open };
    }
    match decision {
        Decision::Accepted { until, .. } if until < now => open,
        Decision::Planned { month } => GapState { status: GapStatus::Planned, overdue: month < now, ..open },
        decision => GapState { status: decision.status(), ..open },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn steps(reached: &[bool]) -> Vec<Step> {
        let day = |day: usize| format!("2026-11-{:02}T00:00:00Z", day + 1).parse().unwrap();
        reached.iter().enumerate().map(|(at, reached)| Step { at: day(at), reached: *reached }).collect()
    }

    fn days(state: GapState) -> (GapStatus, Option<String>, Option<String>) {
        let day = |at: DateTime<Utc>| at.format("%d").to_string();
        (state.status, state.closed_at.map(day), state.reopened_at.map(day))
    }

    #[test]
    fn it_closes_with_the_upload_that_reaches_and_reopens_with_the_one_that_falls_back() {
        let plan = Decision::Planned { month: month("2026-12") };
        let at =
            |reached: bool, history: &[bool]| days(state(plan, reached, &steps(history), month("2026-11")));
        let day = |text: &str| Some(text.to_owned());
        assert_eq!(at(false, &[]), (GapStatus::Planned, None, None));
        assert_eq!(at(false, &[false, false]), (GapStatus::Planned, None, None));
        assert_eq!(at(true, &[false, true]), (GapStatus::Closed, day("02"), None));
        assert_eq!(at(true, &[true, false, true, true]), (GapStatus::Closed, day("03"), None));
        assert_eq!(at(true, &[]), (GapStatus::Closed, None, None), "already when it was decided on");
        assert_eq!(at(false, &[false, true, true, false, false]), (GapStatus::Open, None, day("04")));
        // The upload that fell back has been withdrawn or become stale with the others: nothing says when.
        assert_eq!(at(false, &[false, true]), (GapStatus::Open, None, None));
    }

    #[test]
    fn decisions_end() {
        let accepted = Decision::Accepted { reason: AcceptedReason::Cost, until: month("2026-11") };
        let status = |decision, now| state(decision, false, &[], month(now)).status;
        assert_eq!(status(accepted, "2026-11"), GapStatus::Accepted);
        assert_eq!(status(accepted, "2026-12"), GapStatus::Open);
        let planned = Decision::Planned { month: month("2026-11") };
        assert!(!state(planned, false, &[], month("2026-11")).overdue);
        assert!(state(planned, false, &[], month("2026-12")).overdue);
        assert_eq!(status(planned, "2026-12"), GapStatus::Planned);
        assert_eq!(status(Decision::Open, "2026-12"), GapStatus::Open);
    }
}
