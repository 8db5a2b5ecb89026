//! Readiness for the next release: contributors per cohort, how many are missing, and members to remind. The release's own
//! code decides who contributes, as if the cut-off were now.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, TimeDelta, Utc};
use rayon::prelude::*;
use thiserror::Error;

use super::{
    App,
    publish_release::{
        candidates::{Candidates, Read},
        first_release,
        review::{Examiner, set_aside},
    },
};
use crate::{
    domain::{
        calendar::Month,
        cohort::Cohort,
        facts::Facts,
        organisation::{Organisation, OrganisationId, Standing},
        quarantine::Look,
        release::{
            By, Input, Lattice, Layout, LayoutError, Member, Reason, ReleaseError, Unreleased,
            explain_cohorts,
        },
        snapshot::Basis,
    },
    store::{self, StoreError, release::Subject, snapshot::Stored},
};

/// Organisations that are held at once, with their snapshots.
const BATCH: u32 = if cfg!(test) { 7 } else { 1000 };

/// The reason why the readiness can't be worked out.
#[derive(Debug, Error)]
pub enum ReadinessError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error(transparent)]
    Rules(#[from] ReleaseError),
}

/// The state of one basis, as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// The number of the next release.
    pub release: u32,
    /// The earliest moment at which it is due; `None` before the first upload.
    pub due_at: Option<DateTime<Utc>>,
    /// Control groups that a cohort needs.
    pub needed: u32,
    /// The cohorts that have contributors, coarse to fine, and `all` in any case.
    pub cohorts: Vec<CohortReadiness>,
    /// Members that do not contribute, or soon will not, where somebody can do something about it; by id.
    pub remind: Vec<Reminder>,
    /// Untrusted writers who upload for so many that they could keep numbers from changing, or see them change, by name.
    pub writers: Vec<WriterReadiness>,
}

/// A writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterReadiness {
    pub name: String,
    /// Control groups that contribute through it.
    pub groups: u32,
}

/// One cohort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortReadiness {
    pub cohort: Cohort,
    /// Control groups that contribute.
    pub groups: u32,
    /// Control groups that have to join before it can be released.
    pub missing: u32,
    /// The rule by which a first release of today's members would not publish it, although none are missing.
    pub withheld: Option<Reason>,
}

/// A member to be reminded, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    pub organisation: OrganisationId,
    pub name: String,
    pub why: Why,
}

/// The reason why a member does not contribute, or soon will not. Suspended members and those that only have to wait are no
/// reason to remind anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The operator can verify it.
    NotVerified,
    NeverUploaded,
    /// The period of its latest snapshot is too long ago.
    Stale(Month),
    /// It will be too long ago at the cut-off after the next one.
    SoonStale(Month),
    /// The operator can clear it.
    UnderReview,
}

impl Why {
    pub fn name(self) -> &'static str {
        match self {
            Self::NotVerified => "not_verified",
            Self::NeverUploaded => "never_uploaded",
            Self::Stale(_) => "stale",
            Self::SoonStale(_) => "soon_stale",
            Self::UnderReview => "under_review",
        }
    }
}

/// Works out the readiness of one basis. A cohort with enough control groups still does not release each of its cells: the
/// other rules look at their differences, and which cells they hide only a whole release tells. Reads every snapshot that counts, because a release would review each.
pub fn readiness(app: &App, basis: Basis) -> Result<Readiness, ReadinessError> {
    let now = app.clock.now();
    let facts = app.attack().facts.clone();
    app.db.read_together(|conn| {
        let latest = store::release::list(conn, None, 1)?.pop();
        let due_at = match &latest {
            Some(latest) => latest.cut_off.checked_add_days(Days::new(app.parameters.release_days.into())),
            None => first_release(conn)?,
        };
        let release = latest.map_or(0, |latest| latest.number) + 1;
        let found = match facts.as_deref() {
            Some(facts) => Community::read(conn, app, facts, basis, (release, now))?,
            // No release can be computed without an ATT&CK version, so nobody contributes and no upload helps.
            None => Community::default(),
        };
        let needed = app.parameters.k;
        let writers = found.writers(app);
        let reasons = match facts.as_deref() {
            Some(facts) => found.reasons(app, facts, basis)?,
            None => BTreeMap::new(),
        };
        let cohorts = found.cohorts(app, &reasons);
        Ok(Readiness { release, due_at, needed, cohorts, remind: found.remind, writers })
    })
}

/// Everybody, page by page.
#[derive(Default)]
struct Community {
    contributors: Vec<Member>,
    remind: Vec<Reminder>,
}

impl Community {
    fn read(
        conn: &mut store::Conn,
        app: &App,
        facts: &Facts,
        basis: Basis,
        (release, now): (u32, DateTime<Utc>),
    ) -> Result<Self, StoreError> {
        let examiner = Examiner::new(conn, app, facts, (release, now))?;
        let trusted = store::writer::trusted(conn)?;
        let (examiner, trusted) = (&examiner, &trusted);
        let candidates = Candidates { app, facts, cut_off: now, basis, examiner, trusted };
        let mut review = examiner.review(basis);
        let mut all = Self::default();
        let mut after: Option<OrganisationId> = None;
        loop {
            let page = store::organisation::list(conn, after.as_ref(), BATCH)?;
            let Some(last) = page.last().map(|last| last.id.clone()) else { break };
            let subjects = page.iter().map(subject).collect();
            let found = store::snapshot::with_snapshots(conn, subjects, basis, now)?;
            let judge = |(organisation, read): (Organisation, Read)| {
                let reminder = why(app, facts, &organisation, &read.found.snapshots, now)
                    .map(|why| Reminder { organisation: organisation.id, name: organisation.name, why });
                (candidates.candidate(read, &review), reminder)
            };
            let read = page.into_iter().zip(candidates.read(conn, found)?).collect::<Vec<_>>();
            let judged: Vec<_> = read.into_par_iter().map(judge).collect();
            for (candidate, reminder) in judged {
                if let Some((contributor, look)) = candidate {
                    let member = contributor.member;
                    let add = |look: Look| review.add(&member.organisation, &member.control_group, look);
                    look.into_iter().for_each(add);
                    all.contributors.push(member);
                }
                all.remind.extend(reminder);
            }
            after = Some(last);
        }
        let findings = examiner.findings(review);
        let aside = set_aside(&findings);
        all.contributors.retain(|member| !aside.contains(&member.organisation));
        // Only findings that the operator has been shown can be cleared.
        let shown = store::quarantine::list(conn)?.into_iter();
        let shown =
            shown.filter(|found| found.finding.reason.sets_aside() && findings.contains(&found.finding));
        let names: BTreeMap<_, _> =
            shown.map(|found| (found.finding.organisation, found.organisation_name)).collect();
        all.remind.retain(|reminder| !names.contains_key(&reminder.organisation));
        all.remind.extend(names.into_iter().map(|(organisation, name)| Reminder {
            organisation,
            name,
            why: Why::UnderReview,
        }));
        all.remind.sort_by(|a, b| a.organisation.cmp(&b.organisation));
        Ok(all)
    }

    /// Names the rule by which each cohort would not be published.
    fn reasons(
        &self,
        app: &App,
        facts: &Facts,
        basis: Basis,
    ) -> Result<BTreeMap<Cohort, Reason>, ReadinessError> {
        let layout = Layout::new(facts.catalogue(), facts.registry())?;
        let members = By::new(self.contributors.clone()).ok_or(ReleaseError::TooLarge)?;
        let input = Input { basis, unreleased: &Unreleased::of_members(layout, members) };
        let (attack, key) = (facts.catalogue().version(), app.tokens.keys().release());
        Ok(explain_cohorts(attack, input, &app.dimensions, &app.parameters, key)?)
    }

    fn cohorts(&self, app: &App, reasons: &BTreeMap<Cohort, Reason>) -> Vec<CohortReadiness> {
        let mut groups: BTreeMap<Cohort, BTreeSet<&str>> = BTreeMap::new();
        for member in &self.contributors {
            for cohort in Cohort::of(&member.dimensions) {
                groups.entry(cohort).or_default().insert(&member.control_group);
            }
        }
        let pairs =
            u32::try_from(self.contributors.len()).is_ok_and(|count| count >= app.parameters.pairs_min_n);
        // Dimensions that make no lattice are refused at start.
        let lattice = Lattice::new(&app.dimensions, pairs).ok();
        let cohorts = lattice.iter().flat_map(Lattice::cohorts).filter_map(|cohort| {
            let groups = groups.get(cohort).map_or(0, BTreeSet::len);
            let groups = u32::try_from(groups).unwrap_or(u32::MAX);
            let cohort = Some(cohort).filter(|cohort| groups > 0 || **cohort == Cohort::All)?.clone();
            let missing = app.parameters.k.saturating_sub(groups);
            let withheld = reasons.get(&cohort).copied().filter(|_| missing == 0);
            Some(CohortReadiness { cohort, groups, missing, withheld })
        });
        cohorts.collect()
    }

    /// Writers that upload for at least m - 1 control groups: together with one more change they decide over a number.
    fn writers(&self, app: &App) -> Vec<WriterReadiness> {
        let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for member in &self.contributors {
            for writer in &member.writers {
                groups.entry(writer).or_default().insert(&member.control_group);
            }
        }
        let writers = groups.into_iter().map(|(name, groups)| WriterReadiness {
            name: name.to_owned(),
            groups: u32::try_from(groups.len()).unwrap_or(u32::MAX),
        });
        writers.filter(|writer| writer.groups >= app.parameters.m.saturating_sub(1)).collect()
    }
}

fn subject(organisation: &Organisation) -> Subject {
    Subject {
        id: organisation.id.clone(),
        profile: organisation.profile.clone(),
        standing: organisation.standing,
        created_at: organisation.created_at,
    }
}

/// Returns what the operator or the member can do about an organisation; `None` where that is nothing.
fn why(
    app: &App,
    facts: &Facts,
    organisation: &Organisation,
    snapshots: &[Stored],
    now: DateTime<Utc>,
) -> Option<Why> {
    match organisation.standing {
        Standing::Suspended => return None,
        Standing::Unverified => return Some(Why::NotVerified),
        Standing::Verified => {}
    }
    let headers = snapshots.iter().map(|stored| &stored.snapshot.header);
    let usable = headers.filter(|header| facts.origin(header.attack).is_ok());
    let Some(period) = usable.map(|header| header.period).max() else { return Some(Why::NeverUploaded) };
    let days = app.parameters.freshness_days;
    let later = now + TimeDelta::days(app.parameters.release_days.into());
    match () {
        () if !period.is_fresh(now, days) => Some(Why::Stale(period)),
        () if !period.is_fresh(later, days) => Some(Why::SoonStale(period)),
        () => None,
    }
}
