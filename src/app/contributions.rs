//! Organisations' coverage that was computed last. Each entry is for one revision of its organisation, which counts up with
//! whatever the coverage depends on, so that none is ever out of date; of several requests at the same moment one computes.

use std::sync::Arc;

use chrono::NaiveDate;
use quick_cache::{Weighter, sync::Cache};

use super::compare::Feed;
use crate::domain::{
    attack::AttackVersion, coverage::Coverage, organisation::OrganisationId, snapshot::Basis,
};

/// Number of remembered entries, unless they are large.
const REMEMBERED: usize = 1_024;
/// Cells of all of them together at most: about a hundred megabytes.
const CELLS: u64 = 2_000_000;
/// Overhead of an entry, as a number of cells.
const OVERHEAD: u64 = 500;

/// An organisation's coverage, and the feeds behind it.
#[derive(Debug, Clone)]
pub struct Own {
    pub feeds: Vec<Feed>,
    pub coverage: Coverage,
}

/// Inputs that determine an organisation's own coverage.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Of {
    pub organisation: OrganisationId,
    pub revision: i64,
    pub basis: Basis,
    pub attack: AttackVersion,
    /// Edition of the catalogues.
    pub edition: u64,
    /// Snapshots become stale at midnight.
    pub day: Option<NaiveDate>,
}

#[derive(Debug, Clone)]
struct ByCells;

impl Weighter<Of, Arc<Own>> for ByCells {
    fn weight(&self, _: &Of, own: &Arc<Own>) -> u64 {
        let cells = own.coverage.contribution().cells.len();
        u64::try_from(cells).unwrap_or(u64::MAX).saturating_add(OVERHEAD)
    }
}

#[derive(Debug)]
pub(super) struct Contributions(Cache<Of, Arc<Own>, ByCells>);

impl Default for Contributions {
    fn default() -> Self {
        Self(Cache::with_weighter(REMEMBERED, CELLS, ByCells))
    }
}

impl Contributions {
    /// Returns the remembered value, or computes it.
    pub fn get_or_compute<E>(
        &self,
        of: &Of,
        compute: impl FnOnce() -> Result<Own, E>,
    ) -> Result<Arc<Own>, E> {
        self.0.get_or_insert_with(of, || compute().map(Arc::new))
    }
}
