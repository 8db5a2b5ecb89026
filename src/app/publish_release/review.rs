//! R29 at a cut-off: whoever would contribute is looked at, before anything is aggregated.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    PublishError,
    compute::{BATCH, page},
};
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
    store::{self, Conn, StoreError, release::Open},
};

/// What is odd and has not been cleared.
pub(super) fn review(app: &App, open: &Open) -> Result<Vec<Finding>, PublishError> {
    let facts = app.facts_for(open.attack)?;
    app.db.read_together(|conn| {
        let last = store::release::get(conn, open.number.saturating_sub(1))?.map(|last| last.cut_off);
        let mut findings = Vec::new();
        for basis in Basis::BENCHMARKED {
            let mut review = Review::new(basis, facts.registry(), app.tokens.keys().release());
            let mut after: Option<OrganisationId> = None;
            while let Some(page) = page(conn, app, &facts, basis, open, after.as_ref())? {
                let before = match last {
                    Some(last) => before(conn, app, &facts, (basis, open.number, last), after.as_ref())?,
                    None => BTreeMap::new(),
                };
                for contributor in page.contributors {
                    let member = contributor.member;
                    let before = before.get(&member.organisation);
                    review.add(
                        &member.organisation,
                        &member.control_group,
                        &contributor.contribution,
                        before,
                    );
                }
                after = Some(page.last);
            }
            findings.extend(review.findings());
        }
        let cleared: BTreeSet<Finding> = store::quarantine::cleared(conn)?.into_iter().collect();
        findings.retain(|finding| !cleared.contains(finding));
        Ok(findings)
    })
}

/// What the organisations of a page had at the last cut-off, as far as they have not withdrawn it.
fn before(
    conn: &mut Conn,
    app: &App,
    facts: &Facts,
    (basis, release, last): (Basis, u32, DateTime<Utc>),
    after: Option<&OrganisationId>,
) -> Result<BTreeMap<OrganisationId, Contribution>, StoreError> {
    let page = store::snapshot::for_release(conn, release, basis, last, after, BATCH)?;
    let contributions = page.into_iter().filter_map(|candidate| {
        let snapshots = fresh(candidate.snapshots, last, facts, &app.parameters);
        Some((candidate.organisation.id, contribution_of(snapshots, facts).ok()?))
    });
    Ok(contributions.collect())
}

/// Whose contribution stays out.
pub(super) fn set_aside(findings: &[Finding]) -> BTreeSet<OrganisationId> {
    let aside = findings.iter().filter(|finding| finding.reason.sets_aside());
    aside.map(|finding| finding.organisation.clone()).collect()
}
