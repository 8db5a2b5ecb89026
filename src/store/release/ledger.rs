//! What releases keep for the next one (R17): the lists that published numbers stand on, as keyed digests.

use diesel::prelude::*;

use super::WHAT;
use crate::{
    domain::{release::Ledger, snapshot::Basis},
    store::{
        Conn, StoreError,
        connection::on,
        schema::release_ledgers,
        value::{from_json, number, parsed},
    },
};

/// One release's ledger of one basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub release: u32,
    pub basis: Basis,
    pub footing: Vec<u8>,
    /// Of the latest release only.
    pub state: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = release_ledgers)]
struct LedgerRow {
    release_number: i32,
    basis: String,
    footing: Vec<u8>,
    state: Vec<u8>,
    stands_on: String,
}

/// All ledgers that numbers of the latest release stand on, its own included.
pub fn ledgers(conn: &mut Conn) -> Result<Vec<Kept>, StoreError> {
    let rows: Vec<LedgerRow> = on!(conn, |c| release_ledgers::table
        .order((release_ledgers::release_number, release_ledgers::basis))
        .select(LedgerRow::as_select())
        .load(c))?;
    let read = |row: LedgerRow| {
        Ok(Kept {
            release: number(WHAT, row.release_number)?,
            basis: parsed(WHAT, &row.basis)?,
            footing: row.footing,
            state: row.state,
        })
    };
    rows.into_iter().map(read).collect()
}

pub(super) fn keep(conn: &mut Conn, release: i32, ledgers: &[Ledger]) -> Result<(), StoreError> {
    for ledger in ledgers {
        let row = LedgerRow {
            release_number: release,
            basis: ledger.basis.name().to_owned(),
            footing: ledger.footing.clone(),
            state: ledger.state.clone(),
            stands_on: serde_json::to_string(&ledger.stands_on).unwrap_or_default(),
        };
        on!(conn, |c| diesel::insert_into(release_ledgers::table).values(&row).execute(c))?;
    }
    Ok(())
}

/// Forgets what no number of this release stands on.
pub(super) fn settle(conn: &mut Conn, release: i32) -> Result<(), StoreError> {
    let latest: Vec<(String, String)> = on!(conn, |c| release_ledgers::table
        .filter(release_ledgers::release_number.eq(release))
        .select((release_ledgers::basis, release_ledgers::stands_on))
        .load(c))?;
    for (basis, stands_on) in latest {
        let needed: Vec<i32> = from_json(WHAT, &stands_on)?;
        on!(conn, |c| diesel::delete(
            release_ledgers::table
                .filter(release_ledgers::basis.eq(&basis))
                .filter(release_ledgers::release_number.lt(release))
                .filter(release_ledgers::release_number.ne_all(&needed))
        )
        .execute(c))?;
        on!(conn, |c| diesel::update(
            release_ledgers::table
                .filter(release_ledgers::basis.eq(&basis))
                .filter(release_ledgers::release_number.lt(release))
        )
        .set(release_ledgers::state.eq(Vec::new()))
        .execute(c))?;
    }
    Ok(())
}

/// Throws away what a release that is not published kept.
pub(super) fn forget(conn: &mut Conn, release: i32) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(
        release_ledgers::table.filter(release_ledgers::release_number.eq(release))
    )
    .execute(c))?;
    Ok(())
}
