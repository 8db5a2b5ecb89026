//! The content of a release: per basis and cohort one table of rows. Nothing in here depends on its reader (R20).

use std::sync::Arc;

use super::{
    item::Item,
    rules::{band::Band, code::Coded},
};
use crate::domain::{attack::AttackVersion, cohort::Cohort, scale::Scale, snapshot::Basis};

/// The published quantiles of one cell; p25 and p75 are missing where only the median may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantiles {
    pub p10: Option<Coded>,
    pub p25: Option<Coded>,
    pub p50: Coded,
    pub p75: Option<Coded>,
    pub p90: Option<Coded>,
}

/// The content of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Few of the peers cover the technique, and nothing else (R16).
    Few,
    /// True if at least half of the peers cover the technique: all that a group of 10 to 19 shows.
    Half(bool),
    Quantiles(Quantiles),
}

/// A published cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub shown: Shown,
    /// Not of what few cover (R16).
    pub members: Option<Band>,
    /// The first release since which the row has been unchanged. Not of what few cover.
    pub same_since: Option<u32>,
}

impl Row {
    /// Says that few cover it, or, of what is no row, that it is there.
    pub const NOTHING: Self = Self { shown: Shown::Few, members: None, same_since: None };
}

/// One cohort's cells for one basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub basis: Basis,
    pub cohort: Cohort,
    pub members: Band,
    /// Ascending by item. The items are mostly those of other tables too.
    pub rows: Vec<(Arc<Item>, Row)>,
}

impl Table {
    /// The rows in any order, of different items.
    pub fn new(basis: Basis, cohort: Cohort, members: Band, mut rows: Vec<(Arc<Item>, Row)>) -> Self {
        // Nearly in order already, which a stable sort makes use of.
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { basis, cohort, members, rows }
    }

    /// Returns the published row of an item.
    pub fn row(&self, item: &Item) -> Option<&Row> {
        let position = self.rows.binary_search_by(|(known, _)| known.as_ref().cmp(item)).ok()?;
        self.rows.get(position).map(|(_, row)| row)
    }
}

/// Everything a release publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    pub number: u32,
    pub attack: AttackVersion,
    /// The scales that at least k control groups of `all` use; others are never named.
    pub scales: Vec<Scale>,
    pub tables: Vec<Table>,
    /// The records that the next release needs; never shown.
    pub ledgers: Vec<Ledger>,
}

/// Everything that one release keeps of one basis besides its lists, which are in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub basis: Basis,
    /// The contributors, and the place of each cell's list that this release computed; needed for as long as a cell stands
    /// on one of them.
    pub head: Vec<u8>,
    /// On which release's list each cell stands; needed by the next release only.
    pub state: Vec<u8>,
    /// The earlier releases on whose lists cells still stand.
    pub stands_on: Vec<u32>,
}
