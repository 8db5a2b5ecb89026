//! Reads earlier releases, from memory where they were read before.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

use thiserror::Error;

use super::{
    App,
    published::{Header, Published, Tables, Unreadable},
};
use crate::{
    domain::{
        cohort::Cohort,
        facts::{Facts, FactsError},
        release::Table,
        snapshot::Basis,
    },
    store::{self, Conn, StoreError},
};

/// The reason why an earlier release can't be read.
#[derive(Debug, Error)]
pub enum EarlierError {
    #[error("no release has this number")]
    Unknown,
    #[error(transparent)]
    Facts(#[from] FactsError),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("the database could not be read")]
    Store(#[from] StoreError),
}

/// Reads an earlier release with the tables of some cohorts for one basis.
pub fn read(
    app: &App,
    conn: &mut Conn,
    number: u32,
    basis: Basis,
    cohorts: &[Cohort],
) -> Result<Arc<Published>, EarlierError> {
    let header = header(app, conn, number)?;
    let mut tables = Tables::new();
    let mut unread = Vec::new();
    for cohort in cohorts {
        match app.earlier.tables.get(&(number, basis, cohort.clone())) {
            Some(Some(table)) => {
                tables.insert((basis, cohort.clone()), table);
            }
            Some(None) => {}
            None => unread.push(cohort.clone()),
        }
    }
    if !unread.is_empty() {
        let mut read: BTreeMap<Cohort, Arc<Table>> = BTreeMap::new();
        for stored in store::release::tables_of(conn, number, basis, &unread)? {
            let text = stored.body.text()?;
            let mut items = app.earlier.items.lock().unwrap_or_else(PoisonError::into_inner);
            let table = Table::from_bytes(basis, stored.cohort.clone(), &text, &mut items);
            let table = table.map_err(|error| Unreadable::new(&header.release, &error))?;
            read.insert(stored.cohort, Arc::new(table));
        }
        for cohort in unread {
            let table = read.get(&cohort).cloned();
            app.earlier.tables.insert((number, basis, cohort.clone()), table.clone());
            tables.extend(table.map(|table| ((basis, cohort), table)));
        }
    }
    let facts = facts(app, &header)?;
    Ok(Arc::new(Published::of_parts(&header, facts, tables)))
}

fn header(app: &App, conn: &mut Conn, number: u32) -> Result<Arc<Header>, EarlierError> {
    if let Some(header) = app.earlier.headers.get(&number) {
        return Ok(header);
    }
    let release = store::release::get(conn, number)?.ok_or(EarlierError::Unknown)?;
    let header = Arc::new(Header::of(release)?);
    app.earlier.headers.insert(number, Arc::clone(&header));
    Ok(header)
}

/// The facts of a release's ATT&CK version, with the sets that it was computed with.
fn facts(app: &App, header: &Header) -> Result<Arc<Facts>, FactsError> {
    let (version, named_in) = (header.release.attack, header.terms.named_in);
    let key = (app.attack().edition, version, named_in);
    if let Some(facts) = app.earlier.facts.get(&key) {
        return Ok(facts);
    }
    let facts = app.facts_for(version)?;
    let as_named = named_in.and_then(|youngest| facts.as_named_in(youngest));
    let facts = as_named.map_or(facts, Arc::new);
    app.earlier.facts.insert(key, Arc::clone(&facts));
    Ok(facts)
}
