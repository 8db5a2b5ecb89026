//! An organisation's own coverage, as of its latest accepted uploads.

use chrono::{DateTime, Utc};

use super::compare::Feed;
use crate::{
    domain::{
        coverage::{Contribution, Coverage, contribution},
        facts::{Facts, FactsError},
        organisation::Organisation,
        release::Parameters,
        snapshot::{Basis, Snapshot},
    },
    store::{self, Conn, StoreError},
};

/// An organisation's coverage, and the feeds behind it.
#[derive(Debug, Clone)]
pub struct Own {
    pub feeds: Vec<Feed>,
    pub coverage: Coverage,
}

/// The snapshots that count: of those given (the latest of each feed) the ones that are fresh at `moment` and of an ATT&CK
/// version that can be brought into that of `facts`.
pub fn fresh(
    stored: Vec<store::snapshot::Stored>,
    moment: DateTime<Utc>,
    facts: &Facts,
    parameters: &Parameters,
) -> Vec<store::snapshot::Stored> {
    let counts = |stored: &store::snapshot::Stored| {
        stored.snapshot.header.period.is_fresh(moment, parameters.freshness_days)
            && facts.origin(stored.snapshot.header.attack).is_ok()
    };
    stored.into_iter().filter(counts).collect()
}

/// Reads the organisation's own coverage on one basis.
pub fn own(
    conn: &mut Conn,
    organisation: &Organisation,
    basis: Basis,
    moment: DateTime<Utc>,
    facts: &Facts,
    parameters: &Parameters,
) -> Result<Own, StoreError> {
    let stored = store::snapshot::contributing(conn, &organisation.id, basis)?;
    let stored = fresh(stored, moment, facts, parameters);
    let feed = |stored: &store::snapshot::Stored| Feed {
        id: stored.id.to_string(),
        producer: stored.snapshot.header.producer,
        period: stored.snapshot.header.period,
        basis: stored.snapshot.header.basis,
        attack: stored.snapshot.header.attack,
    };
    let feeds = stored.iter().map(feed).collect();
    // Only versions that the facts know are left, so this cannot fail; an empty own side would be the honest answer.
    let contribution = contribution_of(stored, facts).unwrap_or_default();
    Ok(Own { feeds, coverage: Coverage::new(contribution, organisation.profile.platforms, facts) })
}

/// The contribution of fresh snapshots.
pub fn contribution_of(
    stored: Vec<store::snapshot::Stored>,
    facts: &Facts,
) -> Result<Contribution, FactsError> {
    let snapshots: Vec<Snapshot> = stored.into_iter().map(|stored| stored.snapshot).collect();
    contribution(&snapshots, facts)
}
