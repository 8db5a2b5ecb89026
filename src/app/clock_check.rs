//! Plausibility of the clock. A clock that jumps back would publish what nobody can put in order; one that jumps
//! ahead makes everybody's snapshots stale and takes the next releases with it. So a service notes every minute that it
//! runs, and what the clock says is held against the newest time that is stored.

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use super::App;
use crate::store::{self, Conn, StoreError};

/// Tolerated difference between the clocks of replicas.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// Interval at which a running service records the time.
const EVERY: TimeDelta = TimeDelta::seconds(60);
/// Release periods without any sign of life after which a clock is doubted.
const PERIODS: i64 = 2;

/// Reasons to doubt a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClockDoubt {
    #[error(
        "the clock says {now}, which is before {newest}, the newest time that is stored: set the clock; if it is right, \
         `peerbench release publish --force` publishes all the same"
    )]
    Behind { now: DateTime<Utc>, newest: DateTime<Utc> },
    #[error(
        "the clock says {now}, more than two release periods after {newest}, the newest time that is stored: set the \
         clock; if it is right because the service was off for so long, `peerbench release publish --force` publishes"
    )]
    Ahead { now: DateTime<Utc>, newest: DateTime<Utc> },
}

/// Returns true for a moment that this clock hasn't reached, whichever clock it came from.
pub(super) fn is_ahead(moment: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now + LEEWAY < moment
}

/// Holds the clock against a stored time.
pub(super) fn doubt(app: &App, now: DateTime<Utc>, newest: Option<DateTime<Utc>>) -> Option<ClockDoubt> {
    let newest = newest?;
    let periods = TimeDelta::days(i64::from(app.parameters.release_days) * PERIODS);
    if now + LEEWAY < newest {
        return Some(ClockDoubt::Behind { now, newest });
    }
    (now > newest + periods).then_some(ClockDoubt::Ahead { now, newest })
}

/// Notes that the service runs, where the clock can be believed.
pub(super) fn observe(app: &App) -> Result<Option<ClockDoubt>, StoreError> {
    let now = app.clock.now();
    let seen = app.db.read(store::clock::seen)?;
    if seen.is_some_and(|seen| (seen..seen + EVERY).contains(&now)) {
        return Ok(None);
    }
    let newest = match seen {
        Some(seen) => Some(seen),
        None => app.db.read(store::clock::newest)?,
    };
    if let Some(doubt) = doubt(app, now, newest) {
        return Ok(Some(doubt));
    }
    app.db.write("see clock", |conn| store::clock::see(conn, now))?;
    Ok(None)
}

/// Checks that an upload of now comes after everything that is stored: what would be sorted before an earlier one, or
/// beyond the next cut-offs, would never count.
pub(super) fn check_upload(
    app: &App,
    conn: &mut Conn,
    now: DateTime<Utc>,
    latest_of_feed: Option<DateTime<Utc>>,
) -> Result<Option<ClockDoubt>, StoreError> {
    if let Some(newest) = latest_of_feed.filter(|latest| now + LEEWAY < *latest) {
        return Ok(Some(ClockDoubt::Behind { now, newest }));
    }
    let seen = store::clock::seen(conn)?;
    Ok(doubt(app, now, seen).filter(|doubt| matches!(doubt, ClockDoubt::Ahead { .. })))
}
