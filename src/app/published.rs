//! A published release as reads hold it: whole, in memory, shared by all requests.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use rayon::prelude::*;

use crate::{
    domain::{
        cohort::Cohort,
        facts::Facts,
        release::{Item, Parameters, Publication, ReleaseKey, Row, Seal, Table},
        scale::Scale,
        snapshot::Basis,
    },
    store,
};

/// A release with its tables and the facts of its ATT&CK version.
#[derive(Debug)]
pub struct Published {
    pub release: store::release::Release,
    pub terms: Terms,
    pub facts: Arc<Facts>,
    pub seal: Seal,
    tables: BTreeMap<(Basis, Cohort), Table>,
}

/// What a release was published under, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub parameters: Parameters,
    /// The scales that answers may name.
    pub scales: Vec<Scale>,
}

/// Stored release rows that cannot be read.
#[derive(Debug, Error)]
#[error("release {number} is unreadable: {reason}")]
pub struct Unreadable {
    number: u32,
    reason: String,
}

impl Published {
    /// From what is stored.
    pub fn read(
        release: store::release::Release,
        tables: Vec<store::release::Table>,
        facts: Arc<Facts>,
        key: &ReleaseKey,
    ) -> Result<Self, Unreadable> {
        let unreadable =
            |reason: serde_json::Error| Unreadable { number: release.number, reason: reason.to_string() };
        let terms = serde_json::from_str(&release.parameters).map_err(unreadable)?;
        let sealed = tables.iter().map(|stored| (stored.basis, &stored.cohort, stored.body.as_slice()));
        let seal = Seal::new(release.number, sealed, key);
        let tables = tables
            .into_iter()
            .map(|stored| {
                let table =
                    Table::from_bytes(stored.basis, stored.cohort, &stored.body).map_err(unreadable)?;
                Ok(((table.basis, table.cohort.clone()), table))
            })
            .collect::<Result<_, Unreadable>>()?;
        Ok(Self { release, terms, facts, seal, tables })
    }

    /// What is to be stored of a publication.
    pub fn tables_of(publication: &Publication) -> Vec<store::release::Table> {
        let stored = |table: &Table| store::release::Table {
            basis: table.basis,
            cohort: table.cohort.clone(),
            body: table.to_bytes(),
        };
        publication.tables.par_iter().map(stored).collect()
    }

    pub fn table(&self, basis: Basis, cohort: &Cohort) -> Option<&Table> {
        self.tables.get(&(basis, cohort.clone()))
    }

    pub fn row(&self, basis: Basis, cohort: &Cohort, item: &Item) -> Option<&Row> {
        self.table(basis, cohort)?.rows.get(item)
    }

    /// The tables of one basis, by cohort.
    pub fn tables(&self, basis: Basis) -> impl Iterator<Item = &Table> {
        self.tables.values().filter(move |table| table.basis == basis)
    }
}
