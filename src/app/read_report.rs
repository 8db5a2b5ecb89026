//! Reads what a report says: the comparison as a whole, the gaps with their reasons, what changed, and the promise.

use chrono::NaiveDate;

use super::{
    App, Member,
    compare::{
        self, Answer, Entry, Filters, List, Query, Summary, gaps::GapQuery, gaps::Gaps, matrix::matrix,
    },
    entitlement::NotEntitled,
    libraries::{self, Reference},
    own::own,
    privacy_terms::{PrivacyTerms, terms_of},
    read_changes::{Changes, ChangesQuery, read_changes},
    read_comparison::{ReadComparisonError, ground},
    read_gaps::gaps_on,
    read_trend::{Trend, TrendQuery, USUAL, read_trend},
};
use crate::{
    domain::{
        cohort::Cohort, column::Column, comparison::Measure, named::named, organisation::Organisation,
        snapshot::Basis,
    },
    store,
};

/// Rows of a list in a report: all that there are.
const ALL: usize = 1000;
/// Measures that moved, of which a report tells.
const MOVED: usize = 40;

named! {
    /// The reason why a report has nothing to compare, or that it has.
    pub enum ReportStatus("status of a report") {
        Complete = "complete",
        NotPublished = "not_published",
        NothingContributed = "nothing_contributed",
    }
}

/// The question that a report answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportQuery {
    pub cohort: Cohort,
    pub basis: Basis,
    /// The latest where `None`.
    pub release: Option<u32>,
    /// Threat groups to show and to weigh gaps by: ids, names or aliases; all where `None`.
    pub groups: Option<String>,
}

/// The contents of a report.
#[derive(Debug, Clone)]
pub struct Report {
    /// The member's name.
    pub organisation: String,
    pub made_on: NaiveDate,
    pub status: ReportStatus,
    /// `None` where there is nothing to compare.
    pub content: Option<Box<Content>>,
    /// The own coverage beside public rule libraries, where there is nothing to compare.
    pub libraries: Option<Reference>,
    pub terms: PrivacyTerms,
}

/// The comparison of a report.
#[derive(Debug, Clone)]
pub struct Content {
    pub summary: Summary,
    /// All techniques of the matrix, by id.
    pub techniques: Vec<Entry>,
    /// All gaps, highest priority first.
    pub gaps: Gaps,
    /// Threat groups, furthest behind first.
    pub groups: Answer,
    /// Changes since the release before; `None` where there is none, or where an earlier release is looked at.
    pub changes: Option<Changes>,
    /// The overall share by release; `None` where there is one release alone.
    pub trend: Option<Trend>,
}

/// Reads a report. A member who may not compare yet gets one that says so.
///
/// # Errors
/// Fails where the organisation may not read comparisons for another reason, and where the query names what there isn't.
pub fn read_report(app: &App, member: &Member, query: &ReportQuery) -> Result<Report, ReadComparisonError> {
    let bare = |status| -> Result<Report, ReadComparisonError> {
        let organisation = app.db.read(|conn| store::organisation::get(conn, &member.organisation))?;
        let organisation = organisation.ok_or(ReadComparisonError::NotEntitled(NotEntitled::NotVerified))?;
        Ok(Report {
            made_on: app.clock.now().date_naive(),
            status,
            content: None,
            libraries: Some(beside_libraries(app, &organisation, query.basis)?),
            terms: terms_of(&app.parameters),
            organisation: organisation.name,
        })
    };
    let ground = match ground(app, member, query.basis, query.release) {
        Ok(ground) => ground,
        Err(ReadComparisonError::NotPublished) => return bare(ReportStatus::NotPublished),
        Err(ReadComparisonError::NotEntitled(NotEntitled::NothingContributed { .. })) => {
            return bare(ReportStatus::NothingContributed);
        }
        Err(error) => return Err(error),
    };
    let base = Query { cohort: query.cohort.clone(), basis: query.basis, limit: ALL, ..Query::default() };
    let (published, reader) = (&ground.published, ground.reader());
    let summary = compare::summary(published, &reader, &base)?;
    let techniques = matrix(published, &reader, &base)?;
    let filters = Filters { group: query.groups.clone(), ..Filters::default() };
    let groups = compare::list(published, &reader, List::Groups, &Query { filters, ..base.clone() })?;
    let gap_query = GapQuery { base: base.clone(), groups: query.groups.clone(), ..GapQuery::default() };
    let gaps = gaps_on(app, &ground, &gap_query)?;
    let number = published.release.number;
    let is_latest = app.db.read(store::release::latest_number)? == Some(number);
    let changes = match number.checked_sub(1) {
        Some(since) if since > 0 && is_latest => Some(changes(app, member, query, since)?),
        _ => None,
    };
    let trend = if number > 1 { Some(trend(app, member, query, number)?) } else { None };
    let terms = terms_of(&published.terms.parameters.known);
    let content = Content { summary, techniques, gaps, groups, changes, trend };
    Ok(Report {
        organisation: ground.organisation.name,
        made_on: app.clock.now().date_naive(),
        status: ReportStatus::Complete,
        content: Some(Box::new(content)),
        libraries: None,
        terms,
    })
}

/// Sets the organisation's coverage beside public rule libraries, in the version in which releases would compare.
fn beside_libraries(
    app: &App,
    organisation: &Organisation,
    basis: Basis,
) -> Result<Reference, ReadComparisonError> {
    let attack = app.attack();
    let Some(facts) = &attack.facts else { return Ok(libraries::without_own()) };
    let own = own(app, organisation, basis, facts)?;
    if own.coverage.contribution().is_empty() {
        return Ok(libraries::without_own());
    }
    Ok(libraries::beside(&own.coverage, facts))
}

fn changes(
    app: &App,
    member: &Member,
    query: &ReportQuery,
    since: u32,
) -> Result<Changes, ReadComparisonError> {
    let query = ChangesQuery {
        since,
        cohort: query.cohort.clone(),
        basis: query.basis,
        kinds: Vec::new(),
        limit: MOVED,
        cursor: None,
    };
    read_changes(app, member, &query)
}

fn trend(app: &App, member: &Member, query: &ReportQuery, last: u32) -> Result<Trend, ReadComparisonError> {
    let query = TrendQuery {
        measure: Measure::Overall,
        cohort: query.cohort.clone(),
        basis: query.basis,
        column: Column::Any,
        from: Some(last.saturating_sub(USUAL - 1).max(1)),
        to: Some(last),
    };
    read_trend(app, member, &query)
}
