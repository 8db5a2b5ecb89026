//! An organisation's own coverage as of earlier moments: from the snapshots that counted then and still exist. What was
//! withdrawn leaves no trace.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::own::{contribution_of, fresh};
use crate::{
    domain::{
        attack::AttackVersion,
        coverage::Coverage,
        facts::Facts,
        organisation::Organisation,
        release::Parameters,
        snapshot::{Basis, SnapshotId},
    },
    store::{
        self, Conn, StoreError,
        snapshot::{Stored, Uploaded, counted_at},
    },
};

/// The snapshots of one organisation and basis that counted at some moments.
pub struct OwnHistory<'a> {
    organisation: &'a Organisation,
    history: Vec<Uploaded>,
    snapshots: BTreeMap<SnapshotId, Stored>,
    /// Coverage by the snapshots behind it and the ATT&CK version that it is in.
    known: BTreeMap<(Vec<SnapshotId>, AttackVersion), Coverage>,
}

impl<'a> OwnHistory<'a> {
    /// Reads the snapshots that counted at one of the moments.
    pub fn read(
        conn: &mut Conn,
        organisation: &'a Organisation,
        basis: Basis,
        moments: impl Iterator<Item = DateTime<Utc>>,
    ) -> Result<Self, StoreError> {
        let history = store::snapshot::history(conn, &organisation.id, basis)?;
        let mut needed: Vec<&SnapshotId> = moments.flat_map(|at| counted_at(&history, at)).collect();
        needed.sort_unstable();
        needed.dedup();
        let read = store::snapshot::by_ids(conn, &organisation.id, &needed)?;
        let snapshots = read.into_iter().map(|stored| (stored.id.clone(), stored)).collect();
        Ok(Self { organisation, history, snapshots, known: BTreeMap::new() })
    }

    /// The coverage as of a moment in a release's ATT&CK version.
    pub fn at(&mut self, moment: DateTime<Utc>, facts: &Facts, parameters: &Parameters) -> &Coverage {
        let counted = counted_at(&self.history, moment).into_iter();
        let counted: Vec<Stored> = counted.filter_map(|id| self.snapshots.get(id)).cloned().collect();
        let counted = fresh(counted, moment, facts, parameters);
        let ids = counted.iter().map(|stored| stored.id.clone()).collect();
        let platforms = self.organisation.profile.platforms;
        self.known.entry((ids, facts.catalogue().version())).or_insert_with(|| {
            // Only versions that the facts know are left, so this cannot fail.
            let contribution = contribution_of(counted, facts).unwrap_or_default();
            Coverage::new(contribution, platforms, facts)
        })
    }
}
