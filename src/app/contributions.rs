//! Organisations' coverage that was computed last. Each entry names the snapshots that it was computed from, so none is ever out
//! of date, and a newer one takes its place. Of several requests at
//! the same moment one computes.

use std::sync::Arc;

use chrono::NaiveDate;
use quick_cache::{
    Weighter,
    sync::{Cache, GuardResult},
};

use super::compare::Feed;
use crate::domain::{
    attack::{AttackVersion, PlatformSet},
    coverage::Coverage,
    organisation::OrganisationId,
    snapshot::{Basis, SnapshotId},
};

/// Number of remembered entries, unless they are large.
const REMEMBERED: usize = 1_024;
/// Cells of all of them together at most: about a hundred megabytes.
const CELLS: u64 = 2_000_000;
/// Roll-ups of one column of an entry, which has every technique, as a number of cells.
const COLUMN: usize = 1_000;

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
    pub platforms: PlatformSet,
    pub snapshots: Vec<SnapshotId>,
    pub basis: Basis,
    pub attack: AttackVersion,
    /// Edition of the catalogues.
    pub edition: u64,
    /// Snapshots become stale at midnight.
    pub day: Option<NaiveDate>,
}

/// An organisation's coverage on one basis in one ATT&CK version: one entry, whatever it was computed from.
type Key = (OrganisationId, Basis, AttackVersion);

#[derive(Debug, Clone)]
struct Kept {
    of: Of,
    own: Arc<Own>,
}

#[derive(Debug, Clone)]
struct ByCells;

impl Weighter<Key, Kept> for ByCells {
    fn weight(&self, _: &Key, kept: &Kept) -> u64 {
        let coverage = &kept.own.coverage;
        let weight = coverage.contribution().cells.len() + coverage.columns() * COLUMN;
        u64::try_from(weight).unwrap_or(u64::MAX)
    }
}

#[derive(Debug)]
pub(super) struct Contributions(Cache<Key, Kept, ByCells>);

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
        let key = (of.organisation.clone(), of.basis, of.attack);
        self.0.remove_if(&key, |kept| kept.of != *of);
        match self.0.get_value_or_guard(&key, None) {
            GuardResult::Value(kept) if kept.of == *of => Ok(kept.own),
            GuardResult::Guard(guard) => {
                let own = Arc::new(compute()?);
                // The guard refuses if the entry was removed meanwhile; then it is computed again next time.
                let _ = guard.insert(Kept { of: of.clone(), own: Arc::clone(&own) });
                Ok(own)
            }
            // Another request has computed it from other snapshots at this moment.
            GuardResult::Value(_) | GuardResult::Timeout => compute().map(Arc::new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{attack::Catalogues, facts::Facts, technology::bundled};

    fn of(snapshot: u32) -> Of {
        Of {
            organisation: "01a00000-0000-7000-8000-000000000001".to_owned().try_into().unwrap(),
            platforms: PlatformSet::default(),
            snapshots: vec![SnapshotId::new(snapshot.to_string())],
            basis: Basis::Deployed,
            attack: Catalogues::bundled().canonical().unwrap().version(),
            edition: 1,
            day: None,
        }
    }

    fn nothing() -> Own {
        let (catalogues, registry) = (Catalogues::bundled(), Arc::new(bundled().clone()));
        let facts = Facts::new(&catalogues, registry, of(1).attack).unwrap();
        Own { feeds: Vec::new(), coverage: Coverage::new(Default::default(), Default::default(), &facts) }
    }

    #[test]
    fn other_snapshots_take_the_place_of_those_before() {
        let contributions = Contributions::default();
        let ask = |snapshot, computed: &mut u32| {
            contributions.get_or_compute(&of(snapshot), || {
                *computed += 1;
                Ok::<_, ()>(nothing())
            })
        };
        let mut computed = 0;
        for snapshot in [1, 1, 2, 2, 3] {
            ask(snapshot, &mut computed).unwrap();
        }
        assert_eq!((computed, contributions.0.len()), (3, 1));
        contributions.get_or_compute(&of(4), || Err::<Own, _>(())).unwrap_err();
        assert_eq!(contributions.0.len(), 0, "what failed is not kept");
    }
}
