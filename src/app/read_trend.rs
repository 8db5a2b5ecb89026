//! Reads a trend: one measure in each of several releases, the member's value as of each release's cut-off, and the changes
//! from one release to the next.

use std::sync::Arc;

use super::{
    App, Member,
    compare::{
        CompareError, Entry, Reader,
        measured::{Measured, ground, look, numbers},
    },
    entitlement::entitled,
    own_history::OwnHistory,
    published::Published,
    read_comparison::{ReadComparisonError, published},
    read_earlier,
};
use crate::{
    domain::{
        cohort::Cohort,
        column::Column,
        comparison::{Change, Measure, breaks, change},
        snapshot::Basis,
    },
    store,
};

/// Releases of a trend, if the query names none.
pub const USUAL: u32 = 24;
/// Releases that a trend may have.
pub const MOST: u32 = 120;

/// The question that a trend answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendQuery {
    pub measure: Measure,
    pub cohort: Cohort,
    pub basis: Basis,
    /// The column that a technique is compared in.
    pub column: Column,
    /// First and last release.
    pub from: Option<u32>,
    pub to: Option<u32>,
}

/// A measure in one release.
#[derive(Debug, Clone)]
pub struct Point {
    pub published: Arc<Published>,
    pub entry: Entry,
    /// The change since the point before; `None` for the first.
    pub change: Option<Change>,
}

/// A measure in several releases, the earliest first.
#[derive(Debug, Clone)]
pub struct Trend {
    pub measured: Measured,
    pub cohort: Cohort,
    pub basis: Basis,
    pub points: Vec<Point>,
}

pub fn read_trend(app: &App, member: &Member, query: &TrendQuery) -> Result<Trend, ReadComparisonError> {
    let TrendQuery { measure, cohort, basis, column, .. } = query;
    let organisation = entitled(app, member)?;
    if !cohort.includes(&organisation.profile.dimensions) {
        return Err(CompareError::ForeignCohort.into());
    }
    let (releases, mut owns) = app.db.read_together(|conn| {
        let latest = store::release::latest_number(conn)?.ok_or(ReadComparisonError::NotPublished)?;
        let (from, to) = range(query, latest)?;
        let needed = with_fallbacks(cohort);
        let releases = (from..=to).map(|number| match number == latest {
            true => published(app, conn, Some(number), (*basis, &organisation.profile)),
            false => Ok(read_earlier::read(app, conn, number, *basis, &needed)?),
        });
        let releases = releases.collect::<Result<Vec<Arc<Published>>, _>>()?;
        let moments = releases.iter().map(|release| release.release.cut_off);
        let owns = OwnHistory::read(conn, &organisation, *basis, moments)?;
        Ok::<_, ReadComparisonError>((releases, owns))
    })?;
    if *column != Column::Any && !matches!(measure, Measure::Technique(_)) {
        return Err(CompareError::ColumnOfMeasure.into());
    }
    let newest = releases.last().ok_or(ReadComparisonError::UnknownRelease)?;
    let measured =
        Measured::find(measure, column, newest).map_err(|error| CompareError::Measure(Box::new(error)))?;
    let mut points: Vec<Point> = Vec::new();
    for release in &releases {
        let parameters = &release.terms.parameters.known;
        let own = owns.at(release.release.cut_off, &release.facts, parameters);
        let reader = Reader { profile: &organisation.profile, own, feeds: &[] };
        let view = look(release, &reader, *basis, cohort)?;
        let entry = measured.entry(&view, &newest.facts).ok_or(CompareError::ForeignCohort)?;
        let change = points.last().map(|before| {
            let own = owns.at(before.published.release.cut_off, &release.facts, parameters);
            let reader = Reader { profile: &organisation.profile, own, feeds: &[] };
            let own_before = look(release, &reader, *basis, cohort).ok();
            let own_before = own_before.and_then(|view| measured.own(&view, &newest.facts));
            between((before, own_before), (release, &entry), *basis)
        });
        points.push(Point { published: Arc::clone(release), entry, change });
    }
    Ok(Trend { measured, cohort: cohort.clone(), basis: *basis, points })
}

/// The change from a point to a release's line.
pub(super) fn between(
    (before, own_before): (&Point, Option<u8>),
    (release, entry): (&Published, &Entry),
    basis: Basis,
) -> Change {
    let broken = breaks(&ground(&before.published, basis, &before.entry), &ground(release, basis, entry));
    let parameters = &release.terms.parameters.known;
    change(own_before, numbers(&before.entry), numbers(entry), broken, entry.item.unit(), parameters)
}

/// The cohort and those that its rows may fall back on.
pub(super) fn with_fallbacks(cohort: &Cohort) -> Vec<Cohort> {
    let mut cohorts = vec![cohort.clone()];
    cohorts.extend(cohort.coarser());
    if !cohorts.contains(&Cohort::All) {
        cohorts.push(Cohort::All);
    }
    cohorts
}

/// The first and the last release.
fn range(query: &TrendQuery, latest: u32) -> Result<(u32, u32), ReadComparisonError> {
    let to = query.to.unwrap_or(latest);
    let from = query.from.unwrap_or_else(|| to.saturating_sub(USUAL - 1).max(1));
    if to > latest || from == 0 {
        return Err(ReadComparisonError::UnknownRelease);
    }
    if from > to || to - from >= MOST {
        return Err(CompareError::Range { most: MOST }.into());
    }
    Ok((from, to))
}
