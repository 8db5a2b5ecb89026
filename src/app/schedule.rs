//! The schedule: the service publishes each release when it is due (R7, `release_days`), once, however many
//! processes share the database.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::{
    App,
    clock_check::observe,
    low_priority::at_low_priority,
    publish_release::{PublishError, first_release, publish_release},
};
use crate::{
    domain::access::ClientId,
    store::{self, Conn, StoreError, release::Release},
};

/// Interval between two looks at the clock.
const EVERY: Duration = Duration::from_secs(10);
/// Wait before a release that the rules refused is tried again.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// The schedule of one process.
#[derive(Debug, Default)]
pub struct Schedule {
    /// Reason for the last refusal, and the time of the next try.
    refused: Option<(String, DateTime<Utc>)>,
}

impl Schedule {
    /// Publishes a release if one is due. A refusal is no error: it is logged once, and tried again later.
    pub fn tick(&mut self, app: &App) -> Result<Option<Release>, PublishError> {
        let now = app.clock.now();
        if self.refused.as_ref().is_some_and(|(_, next)| now < *next) || !app.db.read(|c| due(c, app, now))? {
            return Ok(None);
        }
        match at_low_priority(|| publish_release(app, &ClientId::new("schedule"), None)) {
            Ok(release) => {
                tracing::info!(release = release.number, "a release is published");
                self.refused = None;
                Ok(Some(release))
            }
            // Another process does it.
            Err(PublishError::Busy(_)) => Ok(None),
            Err(error) if error.is_refusal() => {
                let why = error.to_string();
                if self.refused.as_ref().is_none_or(|(before, _)| *before != why) {
                    tracing::info!(why, "the release that is due cannot be published yet");
                }
                self.refused = Some((why, now + PATIENCE));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Keeps a process up to date until `stop` hangs up: ATT&CK versions that others imported, what is left of what was erased,
/// and, if `automatic`, releases.
pub fn attend(app: &App, automatic: bool, stop: &Receiver<()>) {
    let mut schedule = Schedule::default();
    let mut doubted = false;
    loop {
        match observe(app) {
            Ok(doubt) => {
                if let Some(doubt) = doubt.filter(|_| !doubted) {
                    tracing::warn!(%doubt, "the clock can't be believed");
                }
                doubted = doubt.is_some();
            }
            Err(error) => tracing::error!(%error, "the time could not be noted"),
        }
        if let Err(error) = app.refresh_attack() {
            tracing::error!(%error, "the ATT&CK versions could not be read again");
        }
        if automatic && let Err(error) = schedule.tick(app) {
            tracing::error!(%error, "the release that is due could not be published; it is tried again");
        }
        app.db.forget_erased_at_last();
        if stop.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Returns whether there is something to publish or to finish. Cheap: it is asked again and again.
pub(super) fn due(conn: &mut Conn, app: &App, now: DateTime<Utc>) -> Result<bool, StoreError> {
    if store::release::open(conn)?.is_some() {
        return Ok(true);
    }
    let latest = store::release::list(conn, None, 1)?.pop();
    Ok(match latest {
        Some(latest) => {
            let days = Days::new(app.parameters.release_days.into());
            latest.cut_off.checked_add_days(days).is_some_and(|next| next <= now)
        }
        None => {
            first_release(conn)?.is_some_and(|from| from <= now)
                && store::organisation::contributing_groups(conn)? >= app.parameters.k
        }
    })
}
