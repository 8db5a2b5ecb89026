//! R29 at a cut-off: every contribution is reviewed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    app::{
        App,
        own::{contribution_of, fresh},
    },
    domain::{
        coverage::Contribution,
        facts::Facts,
        organisation::OrganisationId,
        quarantine::{Finding, Review},
        snapshot::Basis,
    },
    store::{self, Conn, StoreError, snapshot::Stored},
};

/// Looks at the contributions of one release.
pub(in crate::app) struct Examiner<'a> {
    app: &'a App,
    facts: &'a Facts,
    /// The cut-off of the release before.
    last: Option<DateTime<Utc>>,
    /// Organisations that have uploaded since.
    uploaded: BTreeSet<OrganisationId>,
    cleared: BTreeSet<Finding>,
}

impl<'a> Examiner<'a> {
    /// Prepares the review of the release `number` with the cut-off `cut_off`.
    pub fn new(
        conn: &mut Conn,
        app: &'a App,
        facts: &'a Facts,
        (number, cut_off): (u32, DateTime<Utc>),
    ) -> Result<Self, StoreError> {
        let last = store::release::get(conn, number.saturating_sub(1))?.map(|last| last.cut_off);
        let uploaded = match last {
            Some(last) => store::snapshot::uploaded_between(conn, last, cut_off)?,
            None => BTreeSet::new(),
        };
        let cleared = store::quarantine::cleared(conn)?.into_iter().collect();
        Ok(Self { app, facts, last, uploaded, cleared })
    }

    pub fn review(&self, basis: Basis) -> Review<'a> {
        Review::new(basis, self.facts.registry(), self.app.tokens.keys().release())
    }

    /// Reads the snapshots that an organisation which has uploaded since had at the last cut-off, withdrawn ones excluded.
    pub fn before(
        &self,
        conn: &mut Conn,
        basis: Basis,
        organisation: &OrganisationId,
    ) -> Result<Option<Vec<Stored>>, StoreError> {
        let Some(last) = self.last.filter(|_| self.uploaded.contains(organisation)) else { return Ok(None) };
        store::snapshot::contributing_at(conn, organisation, basis, last).map(Some)
    }

    /// Returns what it contributed with them.
    pub fn contributed(&self, before: Vec<Stored>) -> Option<Contribution> {
        contribution_of(fresh(before, self.last?, self.facts, &self.app.parameters), self.facts).ok()
    }

    /// Returns what is odd and has not been cleared.
    pub fn findings(&self, review: Review<'_>) -> Vec<Finding> {
        let mut findings = review.findings();
        if self.app.probes.without_quarantine {
            findings.clear();
        }
        findings.retain(|finding| !self.cleared.contains(finding));
        findings
    }
}

/// Returns the organisations whose contribution stays out.
pub(in crate::app) fn set_aside(findings: &[Finding]) -> BTreeSet<OrganisationId> {
    let aside = findings.iter().filter(|finding| finding.reason.sets_aside());
    aside.map(|finding| finding.organisation.clone()).collect()
}
