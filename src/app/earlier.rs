//! Earlier releases as reads hold them. What was published never changes, so a table that was read once stays in memory,
//! within a bound over all of them.

use std::sync::{Arc, Mutex};

use quick_cache::{Weighter, sync::Cache};

use super::published::Header;
use crate::domain::{
    attack::AttackVersion,
    cohort::Cohort,
    facts::Facts,
    release::{Items, Table},
    snapshot::Basis,
};

/// Rows of earlier tables that are held, about 40 bytes each.
const ROWS: u64 = 1_000_000;
/// Releases whose headers are held.
const RELEASES: usize = 240;
/// Sets of facts that are held beside the canonical ones: one for each ATT&CK version that a release was computed in.
const FACTS: usize = 8;

/// Release, basis and cohort of a table.
pub type Key = (u32, Basis, Cohort);
/// Catalogues' edition, the version, and the version that its sets were named in.
pub type FactsKey = (u64, AttackVersion, Option<AttackVersion>);

/// The earlier releases of one process.
#[derive(Debug)]
pub struct Earlier {
    pub headers: Cache<u32, Arc<Header>>,
    /// `None` for a table that wasn't published.
    pub tables: Cache<Key, Option<Arc<Table>>, ByRows>,
    pub facts: Cache<FactsKey, Arc<Facts>>,
    /// Items that tables have in common.
    pub items: Mutex<Items>,
}

/// Weighs tables by their rows.
#[derive(Debug, Clone)]
pub struct ByRows;

impl Weighter<Key, Option<Arc<Table>>> for ByRows {
    fn weight(&self, _: &Key, table: &Option<Arc<Table>>) -> u64 {
        let rows = table.as_ref().map_or(0, |table| table.rows.len());
        u64::try_from(rows).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl Default for Earlier {
    fn default() -> Self {
        Self {
            headers: Cache::new(RELEASES),
            tables: Cache::with_weighter(RELEASES, ROWS, ByRows),
            facts: Cache::new(FACTS),
            items: Mutex::default(),
        }
    }
}
