//! What a release publishes: per basis and cohort one table of rows. Nothing in here depends on who reads it (R20).

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Band, Coded, Item, Ledger};
use crate::domain::{attack::AttackVersion, cohort::Cohort, scale::Scale, snapshot::Basis};

/// The published quantiles of one cell; p25 and p75 are missing where only the median may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantiles {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p10: Option<Coded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p25: Option<Coded>,
    pub p50: Coded,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p75: Option<Coded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90: Option<Coded>,
}

/// What a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Few of the peers cover the technique, and nothing else (R16).
    Few,
    /// Whether at least half of the peers cover the technique: all that a group of 10 to 19 shows.
    Half(bool),
    Quantiles(Quantiles),
}

/// A published cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub shown: Shown,
    pub members: Band,
    /// The first release since which the row has been unchanged.
    pub same_since: u32,
}

/// One cohort's cells for one basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub basis: Basis,
    pub cohort: Cohort,
    pub members: Band,
    /// A table's items are mostly those of the others too.
    pub rows: BTreeMap<Arc<Item>, Row>,
}

/// Everything a release publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub number: u32,
    pub attack: AttackVersion,
    /// The scales that at least k control groups of `all` use; others are never named.
    pub scales: Vec<Scale>,
    pub tables: Vec<Table>,
    /// What the next release needs; never shown.
    pub ledgers: Vec<Ledger>,
}

/// The stored form of a table: its key is elsewhere.
#[derive(Deserialize)]
struct StoredTable {
    members: Band,
    rows: Vec<(Item, Row)>,
}

#[derive(Serialize)]
struct StoringTable<'t> {
    members: Band,
    rows: Vec<(&'t Item, &'t Row)>,
}

impl Table {
    /// Canonical bytes: the same table is always the same text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let rows = self.rows.iter().map(|(item, row)| (item.as_ref(), row)).collect();
        serde_json::to_vec(&StoringTable { members: self.members, rows }).unwrap_or_default()
    }

    /// The inverse of [`Self::to_bytes`].
    pub fn from_bytes(basis: Basis, cohort: Cohort, bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let stored: StoredTable = serde_json::from_slice(bytes)?;
        Ok(Self {
            basis,
            cohort,
            members: stored.members,
            rows: stored.rows.into_iter().map(|(item, row)| (Arc::new(item), row)).collect(),
        })
    }
}
