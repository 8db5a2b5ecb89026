//! An organisation's own coverage, as of its latest accepted uploads.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    App,
    compare::Feed,
    contributions::{Of, Own},
};
use crate::{
    domain::{
        attack::AttackVersion,
        calendar::Month,
        coverage::{Contribution, Coverage, contribution},
        facts::{Facts, FactsError},
        organisation::Organisation,
        release::Parameters,
        snapshot::{Basis, Snapshot},
    },
    store::{self, StoreError},
};

/// The snapshots that count: of those given (the latest of each feed) the ones that are fresh at `moment` and of an ATT&CK
/// version that can be brought into that of `facts`.
pub fn fresh(
    stored: Vec<store::snapshot::Stored>,
    moment: DateTime<Utc>,
    facts: &Facts,
    parameters: &Parameters,
) -> Vec<store::snapshot::Stored> {
    let counts = |stored: &store::snapshot::Stored| {
        let header = &stored.snapshot.header;
        is_fresh((header.period, header.attack), moment, facts, parameters)
    };
    stored.into_iter().filter(counts).collect()
}

/// Returns whether a snapshot of this period and ATT&CK version counts.
fn is_fresh(
    (period, attack): (Month, AttackVersion),
    moment: DateTime<Utc>,
    facts: &Facts,
    parameters: &Parameters,
) -> bool {
    period.is_fresh(moment, parameters.freshness_days) && facts.origin(attack).is_ok()
}

/// Returns the organisation's coverage on one basis, from memory if it was computed from the same snapshots. No connection is
/// held while it is computed.
pub(super) fn own(
    app: &App,
    organisation: &Organisation,
    basis: Basis,
    facts: &Facts,
) -> Result<Arc<Own>, StoreError> {
    let moment = app.clock.now();
    loop {
        let history = app.db.read(|conn| store::snapshot::history(conn, &organisation.id, basis))?;
        let counted = store::snapshot::counted_at(&history, DateTime::<Utc>::MAX_UTC);
        let of = Of {
            organisation: organisation.id.clone(),
            platforms: organisation.profile.platforms,
            snapshots: counted.into_iter().cloned().collect(),
            basis,
            attack: facts.catalogue().version(),
            edition: app.attack().edition,
            // Midnight itself still belongs to the day before, see `Month::is_fresh`.
            day: moment.checked_sub_signed(TimeDelta::nanoseconds(1)).map(|now| now.date_naive()),
        };
        let own = app.contributions.get_or_compute(&of, || {
            let rows =
                app.db.read(|conn| store::snapshot::rows_by_ids(conn, &organisation.id, &of.snapshots))?;
            if rows.len() < of.snapshots.len() {
                return Err(Failed::Withdrawn);
            }
            let stored =
                rows.into_iter().map(store::snapshot::StoredRow::read).collect::<Result<Vec<_>, _>>()?;
            Ok(compute(fresh(stored, moment, facts, &app.parameters), organisation, facts))
        });
        match own {
            Err(Failed::Withdrawn) => {}
            Err(Failed::Store(error)) => return Err(error),
            Ok(own) => return Ok(own),
        }
    }
}

/// The reason why a coverage wasn't computed.
enum Failed {
    /// A snapshot was withdrawn at this moment.
    Withdrawn,
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn compute(stored: Vec<store::snapshot::Stored>, organisation: &Organisation, facts: &Facts) -> Own {
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
    Own { feeds, coverage: Coverage::new(contribution, organisation.profile.platforms, facts) }
}

/// The contribution of fresh snapshots.
pub fn contribution_of(
    stored: Vec<store::snapshot::Stored>,
    facts: &Facts,
) -> Result<Contribution, FactsError> {
    let snapshots: Vec<Snapshot> = stored.into_iter().map(|stored| stored.snapshot).collect();
    contribution(&snapshots, facts)
}
