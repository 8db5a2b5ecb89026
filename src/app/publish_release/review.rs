//! R29 at a cut-off: whoever would contribute is looked at.

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
    store::{self, Conn, StoreError, release::Open, snapshot::Stored},
};

/// Looks at the contributions of one release.
pub(super) struct Examiner<'a> {
    app: &'a App,
    facts: &'a Facts,
    /// The cut-off of the release before.
    last: Option<DateTime<Utc>>,
    /// Who has uploaded since.
    uploaded: BTreeSet<OrganisationId>,
    cleared: BTreeSet<Finding>,
}

impl<'a> Examiner<'a> {
    pub fn new(conn: &mut Conn, app: &'a App, facts: &'a Facts, open: &Open) -> Result<Self, StoreError> {
        let last = store::release::get(conn, open.number.saturating_sub(1))?.map(|last| last.cut_off);
        let uploaded = match last {
            Some(last) => store::snapshot::uploaded_between(conn, last, open.cut_off)?,
            None => BTreeSet::new(),
        };
        let cleared = store::quarantine::cleared(conn)?.into_iter().collect();
        Ok(Self { app, facts, last, uploaded, cleared })
    }

    pub fn review(&self, basis: Basis) -> Review<'a> {
        Review::new(basis, self.facts.registry(), self.app.tokens.keys().release())
    }

    /// The snapshots that an organisation which has uploaded since had at the last cut-off, as far as it has not withdrawn
    /// them.
    pub fn before(
        &self,
        conn: &mut Conn,
        basis: Basis,
        organisation: &OrganisationId,
    ) -> Result<Option<Vec<Stored>>, StoreError> {
        let Some(last) = self.last.filter(|_| self.uploaded.contains(organisation)) else { return Ok(None) };
        store::snapshot::contributing_at(conn, organisation, basis, last).map(Some)
    }

    /// What it contributed with them.
    pub fn contributed(&self, before: Vec<Stored>) -> Option<Contribution> {
        contribution_of(fresh(before, self.last?, self.facts, &self.app.parameters), self.facts).ok()
    }

    /// What is odd and has not been cleared.
    pub fn findings(&self, review: Review<'_>) -> Vec<Finding> {
        let mut findings = review.findings();
        if self.app.probes.without_quarantine {
            findings.clear();
        }
        findings.retain(|finding| !self.cleared.contains(finding));
        findings
    }
}

/// Whose contribution stays out.
pub(super) fn set_aside(findings: &[Finding]) -> BTreeSet<OrganisationId> {
    let aside = findings.iter().filter(|finding| finding.reason.sets_aside());
    aside.map(|finding| finding.organisation.clone()).collect()
}
