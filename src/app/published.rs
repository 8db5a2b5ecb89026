//! A published release as reads hold it: the newest one whole, in memory, shared by all requests.

use std::{collections::BTreeMap, fmt::Display, sync::Arc};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use rayon::prelude::*;

use crate::{
    domain::{
        attack::AttackVersion,
        cohort::Cohort,
        facts::Facts,
        release::{Item, Items, Parameters, Recorded, Row, Table, TableError},
        scale::Scale,
        snapshot::Basis,
    },
    store::{self, StoreError},
};

/// A release with its tables, or those of an earlier one that a reader may have, and the facts of its ATT&CK version.
#[derive(Debug)]
pub struct Published {
    pub release: store::release::Release,
    pub terms: Terms,
    pub facts: Arc<Facts>,
    tables: BTreeMap<(Basis, Cohort), Table>,
}

/// The terms that a release was published under, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub parameters: Recorded<Parameters>,
    /// The scales that answers may name.
    pub scales: Vec<Scale>,
    /// The ATT&CK version of the youngest snapshot, where techniques that came later leave the sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_in: Option<AttackVersion>,
}

/// Stored release rows that cannot be read.
#[derive(Debug, Error)]
#[error("release {number} is unreadable: {reason}")]
pub struct Unreadable {
    number: u32,
    reason: String,
}

/// Stored tables that cannot be read.
#[derive(Debug, Error)]
pub enum TablesError {
    #[error("a table cannot be read: {0}")]
    Table(#[from] TableError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tables that are read with the same [`Items`].
const TOGETHER: usize = 64;

/// Stored tables as rows.
pub fn read_tables(stored: &[store::release::Table]) -> Result<Vec<Table>, TablesError> {
    let some = |stored: &[store::release::Table]| {
        let mut items = Items::default();
        let read = |stored: &store::release::Table| {
            let text = stored.body.text()?;
            Ok(Table::from_bytes(stored.basis, stored.cohort.clone(), &text, &mut items)?)
        };
        stored.iter().map(read).collect::<Result<Vec<Table>, TablesError>>()
    };
    let read: Vec<Vec<Table>> = stored.par_chunks(TOGETHER).map(some).collect::<Result<_, _>>()?;
    Ok(read.into_iter().flatten().collect())
}

impl Published {
    /// From what is stored.
    pub fn read(
        release: store::release::Release,
        tables: &[store::release::Table],
        facts: Arc<Facts>,
    ) -> Result<Self, Unreadable> {
        let number = release.number;
        let unreadable = |reason: &dyn Display| Unreadable { number, reason: reason.to_string() };
        let terms: Terms = serde_json::from_str(&release.parameters).map_err(|error| unreadable(&error))?;
        let as_named = terms.named_in.and_then(|youngest| facts.as_named_in(youngest));
        let facts = as_named.map_or(facts, Arc::new);
        let tables = read_tables(tables).map_err(|error| unreadable(&error))?;
        let tables = tables.into_iter().map(|table| ((table.basis, table.cohort.clone()), table)).collect();
        Ok(Self { release, terms, facts, tables })
    }

    pub fn table(&self, basis: Basis, cohort: &Cohort) -> Option<&Table> {
        self.tables.get(&(basis, cohort.clone()))
    }

    pub fn row(&self, basis: Basis, cohort: &Cohort, item: &Item) -> Option<&Row> {
        self.table(basis, cohort)?.row(item)
    }
}
