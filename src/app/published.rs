//! A published release as reads hold it: the newest one whole, in memory, shared by all requests.

use std::{collections::BTreeMap, fmt::Display, sync::Arc};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use rayon::prelude::*;

use crate::{
    auth::manifest,
    domain::{
        attack::AttackVersion,
        cohort::Cohort,
        facts::Facts,
        release::{Hash, Item, Items, Parameters, Recorded, Row, Table, TableError},
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
    /// Digest of the ATT&CK version and the technologies, as its manifest says it.
    pub catalogue: Option<Hash>,
    tables: Tables,
}

/// Tables by basis and cohort.
pub type Tables = BTreeMap<(Basis, Cohort), Arc<Table>>;

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

impl Unreadable {
    pub fn new(release: &store::release::Release, reason: &dyn Display) -> Self {
        Self { number: release.number, reason: reason.to_string() }
    }
}

/// A release without its tables and facts.
#[derive(Debug, Clone)]
pub struct Header {
    pub release: store::release::Release,
    pub terms: Terms,
    pub catalogue: Option<Hash>,
}

impl Header {
    pub fn of(release: store::release::Release) -> Result<Self, Unreadable> {
        let (terms, catalogue) = (Terms::of(&release)?, catalogue_of(&release));
        Ok(Self { release, terms, catalogue })
    }
}

impl Terms {
    /// Reads the terms of a stored release.
    pub fn of(release: &store::release::Release) -> Result<Self, Unreadable> {
        serde_json::from_str(&release.parameters).map_err(|error| Unreadable::new(release, &error))
    }
}

fn catalogue_of(release: &store::release::Release) -> Option<Hash> {
    manifest::own(&release.manifest).and_then(|manifest| manifest.catalogue)
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
        let terms = Terms::of(&release)?;
        let as_named = terms.named_in.and_then(|youngest| facts.as_named_in(youngest));
        let facts = as_named.map_or(facts, Arc::new);
        let tables = read_tables(tables).map_err(|error| Unreadable::new(&release, &error))?;
        let tables = tables.into_iter().map(|table| ((table.basis, table.cohort.clone()), Arc::new(table)));
        let catalogue = catalogue_of(&release);
        Ok(Self { release, terms, facts, catalogue, tables: tables.collect() })
    }

    /// From parts that were read before; `facts` are those of the release, with its sets.
    pub fn of_parts(header: &Header, facts: Arc<Facts>, tables: Tables) -> Self {
        let Header { release, terms, catalogue } = header.clone();
        Self { release, terms, facts, catalogue, tables }
    }

    pub fn table(&self, basis: Basis, cohort: &Cohort) -> Option<&Table> {
        self.tables.get(&(basis, cohort.clone())).map(Arc::as_ref)
    }

    pub fn row(&self, basis: Basis, cohort: &Cohort, item: &Item) -> Option<&Row> {
        self.table(basis, cohort)?.row(item)
    }
}
