//! Close and publish a release (R6): freeze the community, compute what may leave, publish it. Each step ends with one
//! transaction, so a crash leaves a release frozen or computed, and whoever publishes next goes on from there.

pub(in crate::app) mod candidates;
mod compute;
mod contents;
mod error;
pub(in crate::app) mod review;
mod stored_parts;
mod work;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use super::{
    App, clock_check,
    idempotency::{Request, fingerprint, remember, replay},
    lease, log,
    probes::Step,
    published::Terms,
};
use crate::{
    domain::{access::ClientId, audit::Action, organisation::Tenant},
    store::{
        self, StoreError,
        release::{Open, Release, Stage},
    },
};
use compute::{compute, gather, inputs};
use contents::contents;
pub use error::PublishError;
use work::Work;

/// The first release is not published before the community is this old (R7).
const FIRST_RELEASE_DAYS: i64 = 7;

/// Publishes as [`publish_release`] does, whatever the clock says. From then on the clock is believed, even where the rules
/// refuse the release: members have to upload again first when the service was off for long.
pub fn publish_release_anyway(app: &App, operator: &ClientId) -> Result<Release, PublishError> {
    app.db.write("see clock", |conn| store::clock::see(conn, app.clock.now()))?;
    publish_next(app, operator, None, true)
}

/// Publishes the next release; the cut-off is now, or that of a release that somebody began and did not finish. Blocks
/// and uses several threads for a while: never call it on a server's worker thread.
pub fn publish_release(
    app: &App,
    operator: &ClientId,
    idempotency_key: Option<&str>,
) -> Result<Release, PublishError> {
    publish_next(app, operator, idempotency_key, false)
}

fn publish_next(
    app: &App,
    operator: &ClientId,
    idempotency_key: Option<&str>,
    any_clock: bool,
) -> Result<Release, PublishError> {
    let request = Request {
        tenant: Tenant::Platform,
        client: operator,
        key: idempotency_key,
        operation: "publish_release",
        fingerprint: fingerprint(b""),
    };
    let before =
        app.db.write("replay publication", |conn| replay::<u32, PublishError>(conn, app, &request))?;
    let number = match before {
        Some(number) => number,
        None => lease::hold(app, lease::PUBLICATION, |lease| {
            publish(&Work { app, lease, request: &request, any_clock })
        })?,
    };
    let release = app.db.read(|conn| store::release::get(conn, number))?;
    Ok(release.ok_or(StoreError::Unreadable { what: "a release", reason: "it is not there".to_owned() })?)
}

/// The first moment at which a first release can be published.
pub(super) fn first_release(conn: &mut store::Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    let first_upload = store::audit::first(conn, Action::SnapshotUploaded)?;
    Ok(first_upload.map(|first| first + TimeDelta::days(FIRST_RELEASE_DAYS)))
}

/// The number of the release that is published now.
fn publish(work: &Work<'_>) -> Result<u32, PublishError> {
    let mut open = match unfinished(work)? {
        Some(open) => open,
        None => freeze(work)?,
    };
    loop {
        if open.stage == Stage::Frozen {
            open = compute_frozen(work, open)?;
        }
        if flip(work, &open)? {
            work.app.probes.reached(Step::Published);
            return Ok(open.number);
        }
        open.stage = Stage::Frozen;
    }
}

/// Finds a release that was begun and not finished. One under other parameters than those in force is taken back, and so is one
/// that a clock froze which was ahead of today's.
fn unfinished(work: &Work<'_>) -> Result<Option<Open>, PublishError> {
    work.write("resume release", |conn| {
        let Some(open) = store::release::open(conn)? else { return Ok(None) };
        let terms: Option<Terms> = serde_json::from_str(&open.parameters).ok();
        let is_ahead = clock_check::is_ahead(open.cut_off, work.app.clock.now());
        if !is_ahead && terms.is_some_and(|terms| terms.parameters == work.app.parameters.clone().into()) {
            return Ok(Some(open));
        }
        store::release::thaw(conn, open.number)?;
        Ok(None)
    })
}

/// open -> frozen.
fn freeze(work: &Work<'_>) -> Result<Open, PublishError> {
    let app = work.app;
    let attack = app.attack().facts.as_ref().map(|facts| facts.catalogue().version());
    let attack = attack.ok_or(PublishError::NoVersion)?;
    let terms = Terms { parameters: app.parameters.clone().into(), scales: Vec::new(), named_in: None };
    let open = work.write("freeze release", |conn| {
        let now = app.clock.now();
        let newest = store::clock::newest(conn)?;
        if let Some(doubt) = clock_check::doubt(app, now, newest).filter(|_| !work.any_clock) {
            return Err(PublishError::Clock(doubt));
        }
        store::clock::see(conn, now)?;
        let latest = store::release::latest_number(conn)?;
        if latest.is_none() {
            let from = first_release(conn)?.ok_or(PublishError::NoUpload)?;
            if now < from {
                return Err(PublishError::TooEarly(from));
            }
        }
        let open = Open {
            number: latest.unwrap_or(0) + 1,
            stage: Stage::Frozen,
            cut_off: now,
            attack,
            preset: app.parameters.preset.name().to_owned(),
            parameters: serde_json::to_string(&terms).unwrap_or_default(),
            inputs: String::new(),
        };
        store::release::freeze(conn, &open)?;
        Ok(open)
    })?;
    app.probes.reached(Step::Frozen);
    Ok(open)
}

/// frozen -> computed; a release that the rules refuse is open again.
fn compute_frozen(work: &Work<'_>, open: Open) -> Result<Open, PublishError> {
    let gathered = or_taken_back(work, &open, gather(work.app, &open))?;
    work.write("review release", |conn| {
        // Those of somebody who was at it before and did not come to the end.
        store::release::forget_lists(conn, open.number)?;
        // Kept whatever becomes of the release, so that the operator can look at it (R29).
        Ok(store::quarantine::put(conn, open.number, &gathered.findings, work.app.clock.now())?)
    })?;
    let computed = or_taken_back(work, &open, compute(work, gathered))?;
    work.app.probes.reached(Step::Aggregated);
    let contents = contents(work.app, &open, computed)?;
    work.write("compute release", |conn| Ok(store::release::compute(conn, open.number, &contents)?))?;
    work.app.probes.reached(Step::Computed);
    Ok(Open { stage: Stage::Computed, inputs: contents.inputs, parameters: contents.parameters, ..open })
}

/// Returns the outcome of a step; a release that the rules refuse is taken back.
fn or_taken_back<T>(
    work: &Work<'_>,
    open: &Open,
    outcome: Result<T, PublishError>,
) -> Result<T, PublishError> {
    if let Err(PublishError::Rules(_)) = outcome {
        work.write("thaw release", |conn| Ok(store::release::thaw(conn, open.number)?))?;
    }
    outcome
}

/// computed -> published. `false` where a snapshot was withdrawn since, and the release is frozen again (R25).
fn flip(work: &Work<'_>, open: &Open) -> Result<bool, PublishError> {
    let (app, number) = (work.app, open.number);
    work.write("publish release", |conn| {
        if inputs(conn, open.cut_off)? != open.inputs {
            store::release::freeze_again(conn, number)?;
            return Ok(false);
        }
        // To the hour: how long it takes to compute tells how many contribute.
        let now = app.clock.now();
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        store::release::publish(conn, number, hour)?;
        let entry = log::entry(app, work.request.client, Action::ReleasePublished, &number.to_string());
        store::audit::record(conn, Tenant::Platform, &[entry])?;
        remember(conn, app, work.request, &number)?;
        Ok(true)
    })
}
