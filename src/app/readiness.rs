//! How far the next release is: contributors per cohort, what is missing, and whom to remind.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::{App, publish_release::first_release};
use crate::{
    domain::{
        calendar::Month,
        cohort::Cohort,
        facts::Facts,
        organisation::{Organisation, OrganisationId, Standing},
        release::{Candidate, Lattice, contributes},
        snapshot::Basis,
    },
    store::{self, Conn, StoreError, snapshot::Listed},
};

/// Organisations that are held at once.
const BATCH: u32 = 1000;

/// The state of one basis, as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// The number of the next release.
    pub release: u32,
    /// When it is due at the earliest; `None` before the first upload.
    pub due_at: Option<DateTime<Utc>>,
    /// Control groups that a cohort needs.
    pub needed: u32,
    /// Those that anybody contributes to, coarse to fine, and `all` in any case.
    pub cohorts: Vec<CohortReadiness>,
    /// Who does not contribute, or soon will not, by id.
    pub remind: Vec<Reminder>,
}

/// One cohort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortReadiness {
    pub cohort: Cohort,
    /// Control groups that contribute.
    pub groups: u32,
    /// Control groups that have to join before it can be released.
    pub missing: u32,
}

/// A member to be reminded, and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    pub organisation: OrganisationId,
    pub name: String,
    pub why: Why,
}

/// Why a member does not contribute, or soon will not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    NotVerified,
    /// It is new, and counts from then on.
    Waiting(DateTime<Utc>),
    NeverUploaded,
    /// Its latest snapshot's period is too long ago.
    Stale(Month),
    /// It will be too long ago at the cut-off after the next one.
    SoonStale(Month),
    UnderReview,
}

impl Why {
    pub fn name(self) -> &'static str {
        match self {
            Self::NotVerified => "not_verified",
            Self::Waiting(_) => "waiting",
            Self::NeverUploaded => "never_uploaded",
            Self::Stale(_) => "stale",
            Self::SoonStale(_) => "soon_stale",
            Self::UnderReview => "under_review",
        }
    }
}

/// The readiness of one basis. That a cohort has enough control groups does not yet release each of its cells: the other
/// rules look at their differences.
pub fn readiness(app: &App, basis: Basis) -> Result<Readiness, StoreError> {
    let now = app.clock.now();
    let attack = app.attack();
    app.db.read_together(|conn| {
        let latest = store::release::list(conn, None, 1)?.pop();
        let due_at = match &latest {
            Some(latest) => latest.cut_off.checked_add_days(Days::new(app.parameters.release_days.into())),
            None => first_release(conn)?,
        };
        let found = store::quarantine::list(conn)?.into_iter().map(|found| found.finding);
        let aside: BTreeSet<OrganisationId> =
            found.filter(|finding| finding.reason.sets_aside()).map(|finding| finding.organisation).collect();
        let mut groups: BTreeMap<Cohort, BTreeSet<String>> = BTreeMap::new();
        let mut contributors = 0_u32;
        let mut remind = Vec::new();
        let mut after: Option<OrganisationId> = None;
        loop {
            let page = store::organisation::list(conn, after.as_ref(), BATCH)?;
            let Some(last) = page.last().map(|last| last.id.clone()) else { break };
            let mut headers = headers(conn, basis, &page)?;
            for organisation in page {
                let own = headers.remove(&organisation.id).unwrap_or_default();
                let set_aside = aside.contains(&organisation.id);
                let why = why(app, attack.facts.as_deref(), &organisation, &own, set_aside, now);
                if matches!(why, None | Some(Why::SoonStale(_))) {
                    contributors = contributors.saturating_add(1);
                    for cohort in Cohort::of(&organisation.profile.dimensions) {
                        groups.entry(cohort).or_default().insert(organisation.profile.control_group.clone());
                    }
                }
                remind.extend(why.map(|why| Reminder {
                    organisation: organisation.id,
                    name: organisation.name,
                    why,
                }));
            }
            after = Some(last);
        }
        let needed = app.parameters.k;
        // Dimensions that make no lattice are refused at start.
        let lattice = Lattice::new(&app.dimensions, contributors >= app.parameters.pairs_min_n).ok();
        let cohorts = lattice.iter().flat_map(Lattice::cohorts).filter_map(|cohort| {
            let groups = groups.get(cohort).map_or(0, BTreeSet::len);
            let groups = u32::try_from(groups).unwrap_or(u32::MAX);
            let cohort = Some(cohort).filter(|cohort| groups > 0 || **cohort == Cohort::All)?.clone();
            Some(CohortReadiness { cohort, groups, missing: needed.saturating_sub(groups) })
        });
        let release = latest.map_or(0, |latest| latest.number) + 1;
        Ok(Readiness { release, due_at, needed, cohorts: cohorts.collect(), remind })
    })
}

/// The latest snapshots of a page's organisations.
fn headers(
    conn: &mut Conn,
    basis: Basis,
    page: &[Organisation],
) -> Result<BTreeMap<OrganisationId, Vec<Listed>>, StoreError> {
    let mut headers: BTreeMap<OrganisationId, Vec<Listed>> = BTreeMap::new();
    if let (Some(first), Some(last)) = (page.first(), page.last()) {
        for (owner, header) in store::snapshot::latest_headers(conn, basis, (&first.id, &last.id))? {
            headers.entry(owner).or_default().push(header);
        }
    }
    Ok(headers)
}

/// What is to be done about an organisation; `None` where it contributes for a while yet.
fn why(
    app: &App,
    facts: Option<&Facts>,
    organisation: &Organisation,
    own: &[Listed],
    set_aside: bool,
    now: DateTime<Utc>,
) -> Option<Why> {
    let parameters = &app.parameters;
    match organisation.standing {
        Standing::Suspended => return None,
        Standing::Unverified => return Some(Why::NotVerified),
        Standing::Verified => {}
    }
    let usable = own.iter().map(|listed| &listed.header);
    let usable = usable.filter(|header| facts.is_some_and(|facts| facts.origin(header.attack).is_ok()));
    let Some(period) = usable.map(|header| header.period).max() else { return Some(Why::NeverUploaded) };
    if !period.is_fresh(now, parameters.freshness_days) {
        return Some(Why::Stale(period));
    }
    let candidate = Candidate { standing: organisation.standing, created_at: organisation.created_at };
    if !contributes(candidate, now, parameters) {
        let wait = Days::new(parameters.new_organisation_wait_days.into());
        return Some(Why::Waiting(organisation.created_at.checked_add_days(wait).unwrap_or(now)));
    }
    if set_aside {
        return Some(Why::UnderReview);
    }
    let later = now + TimeDelta::days(parameters.release_days.into());
    (!period.is_fresh(later, parameters.freshness_days)).then_some(Why::SoonStale(period))
}
