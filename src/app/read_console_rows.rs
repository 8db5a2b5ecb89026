//! Reads the comparison as rows for consoles, which poll: rows are there only if something changed within the window that is
//! asked for, so that windows without gap or overlap neither repeat a change nor miss one.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    App, Member,
    compare::{
        self, CompareError, Entry, page,
        rows::{RowKind, rows},
    },
    read_comparison::{Ground, ReadComparisonError, ground},
};
use crate::{
    domain::{
        attack::AttackVersion, audit::Action, cohort::Cohort, column::Column, organisation::Tenant,
        snapshot::Basis,
    },
    store::{self, StoreError},
};

/// Actions that change an organisation's own numbers, beside uploads.
const CHANGES: [Action; 2] = [Action::SnapshotWithdrawn, Action::OrganisationProfileChanged];

/// The time after `published_at` at which a release counts in a window: `published_at` is to the hour (a later moment would tell
/// how long the release took), and its transaction needs a moment. A window that ends now misses nothing that comes then.
const RELEASE_AFTER: TimeDelta = TimeDelta::minutes(65);
/// The time after a change of the organisation's own numbers at which it counts. The moment of a change is known exactly.
const CHANGE_AFTER: TimeDelta = TimeDelta::minutes(1);

/// The question that console rows answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsQuery {
    /// Sorted, each once.
    pub kinds: Vec<RowKind>,
    pub cohort: Cohort,
    /// The column that techniques are compared in.
    pub column: Column,
    pub basis: Basis,
    /// The first moment of the window.
    pub since: Option<DateTime<Utc>>,
    /// The first moment after the window.
    pub until: Option<DateTime<Utc>>,
    /// 1..=1000.
    pub limit: usize,
    pub cursor: Option<String>,
}

/// A page of rows, and the facts that each of them states.
#[derive(Debug, Clone)]
pub struct ConsoleRows {
    pub release: u32,
    pub cut_off: DateTime<Utc>,
    pub attack: AttackVersion,
    /// The moment since which the organisation's own numbers are what they are.
    pub as_of: DateTime<Utc>,
    pub basis: Basis,
    /// The cohort and the column that were asked for.
    pub cohort: Cohort,
    pub column: Column,
    pub items: Vec<Entry>,
    pub next: Option<String>,
}

pub fn read_console_rows(
    app: &App,
    member: &Member,
    query: &RowsQuery,
) -> Result<ConsoleRows, ReadComparisonError> {
    let RowsQuery { kinds, cohort, column, basis, .. } = query;
    let ground = ground(app, member, *basis, None)?;
    let as_of = as_of(app, &ground, *basis)?;
    let asked = compare::Query {
        cohort: cohort.clone(),
        basis: *basis,
        column: column.clone(),
        ..compare::Query::default()
    };
    let release = &ground.published.release;
    // What is refused is refused in every window.
    let mut items = rows(&ground.published, &ground.reader(), &asked, kinds)?;
    let moments = [(release.published_at, RELEASE_AFTER), (as_of, CHANGE_AFTER)];
    let moments = moments.map(|(moment, after)| moment.checked_add_signed(after).unwrap_or(moment));
    if !moments.into_iter().any(|moment| query.holds(moment)) {
        items.clear();
    }
    let list = format!("{:?}", RowsQuery { cursor: None, limit: 0, ..query.clone() });
    let feeds: Vec<&str> = ground.own.feeds.iter().map(|feed| feed.id.as_str()).collect();
    let list = page::list_id(&[
        &release.number.to_string(),
        "console-rows",
        &list,
        &feeds.join(","),
        &as_of.to_rfc3339(),
    ]);
    let (items, next) =
        page::page(items, &list, query.cursor.as_deref(), query.limit).map_err(CompareError::from)?;
    Ok(ConsoleRows {
        release: release.number,
        cut_off: release.cut_off,
        attack: release.attack,
        as_of,
        basis: *basis,
        cohort: cohort.clone(),
        column: column.clone(),
        items,
        next,
    })
}

impl RowsQuery {
    /// Says that a moment lies within the window.
    fn holds(&self, moment: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= moment) && self.until.is_none_or(|until| moment < until)
    }
}

/// Returns when the organisation's own numbers last changed: by an upload, a withdrawal or another profile, or because a
/// feed became stale.
fn as_of(app: &App, ground: &Ground, basis: Basis) -> Result<DateTime<Utc>, StoreError> {
    let organisation = &ground.organisation;
    let (feeds, changed) = app.db.read_together(|conn| {
        let feeds = store::snapshot::newest_of_feeds(conn, &organisation.id, basis)?;
        let changed = store::audit::last(conn, Tenant::Organisation(&organisation.id), &CHANGES)?;
        Ok::<_, StoreError>((feeds, changed))
    })?;
    let now = app.clock.now();
    let days = app.parameters.freshness_days;
    let moments = feeds.into_iter().flat_map(|(period, uploaded_at)| {
        let stale = period.fresh_until(days).filter(|end| *end < now);
        [Some(uploaded_at), stale].into_iter().flatten()
    });
    Ok(moments.chain(changed).max().unwrap_or(organisation.created_at))
}
