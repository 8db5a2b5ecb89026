//! Contributors at a cut-off: a release asks here who counts, and readiness asks the same of a release now.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::review::Examiner;
use crate::{
    analytics::Contributor,
    app::{
        App,
        own::{contribution_of, fresh},
    },
    domain::{
        facts::Facts,
        quarantine::{Look, Review},
        release::{Candidate, Member, contributes},
        snapshot::Basis,
    },
    store::{self, StoreError, release::Subject, snapshot::Stored},
};

/// The candidates of one basis.
pub(in crate::app) struct Candidates<'a> {
    pub app: &'a App,
    pub facts: &'a Facts,
    pub cut_off: DateTime<Utc>,
    pub basis: Basis,
    pub examiner: &'a Examiner<'a>,
    /// Writers whose uploads count as changes of each organisation (R32).
    pub trusted: &'a BTreeSet<String>,
}

/// An organisation of a page, as it is read.
pub(in crate::app) struct Read {
    pub found: store::snapshot::Contributor,
    /// The snapshots of [`Examiner::before`].
    before: Option<Vec<Stored>>,
}

impl Candidates<'_> {
    /// Reads what judging a page needs beside the snapshots themselves.
    pub fn read(
        &self,
        conn: &mut store::Conn,
        page: Vec<store::snapshot::Contributor>,
    ) -> Result<Vec<Read>, StoreError> {
        let read = |found: store::snapshot::Contributor| {
            let before = match self.contributes(&found.organisation) {
                true => self.examiner.before(conn, self.basis, &found.organisation.id)?,
                false => None,
            };
            Ok(Read { found, before })
        };
        page.into_iter().map(read).collect()
    }

    fn contributes(&self, organisation: &Subject) -> bool {
        let candidacy = Candidate { standing: organisation.standing, created_at: organisation.created_at };
        contributes(candidacy, self.cut_off, &self.app.parameters)
    }

    /// Returns a contributor and what the review finds in it (R7, R29); `None` where an organisation does not contribute.
    pub fn candidate(
        &self,
        Read { found, before }: Read,
        review: &Review<'_>,
    ) -> Option<(Contributor, Option<Look>)> {
        let Self { app, facts, cut_off, .. } = *self;
        let organisation = found.organisation;
        let snapshots = fresh(found.snapshots, cut_off, facts, &app.parameters);
        if snapshots.is_empty() || !self.contributes(&organisation) {
            return None;
        }
        let writers = snapshots.iter().filter_map(|stored| stored.writer.clone());
        let member = Member {
            organisation: organisation.id,
            control_group: organisation.profile.control_group,
            dimensions: organisation.profile.dimensions,
            writers: writers.filter(|writer| !self.trusted.contains(writer)).collect(),
        };
        let contribution = contribution_of(snapshots, facts).ok()?;
        let before = before.and_then(|before| self.examiner.contributed(before));
        let look = review.look(&contribution, before.as_ref());
        let contributor = Contributor { member, platforms: organisation.profile.platforms, contribution };
        Some((contributor, look))
    }
}
