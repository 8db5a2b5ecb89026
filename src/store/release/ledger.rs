//! What releases keep for the next one (R17): the lists that published numbers stand on, as keyed digests.

use diesel::prelude::*;

use super::WHAT;
use crate::{
    domain::{release::Ledger, snapshot::Basis},
    store::{
        Conn, StoreError,
        connection::on,
        schema::{release_footings, release_ledgers},
        value::{from_json, number, parsed, unreadable},
    },
};

/// One release's ledger of one basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub release: u32,
    pub basis: Basis,
    /// In its parts.
    pub footing: Vec<Vec<u8>>,
    /// Of the latest release only.
    pub state: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = release_ledgers)]
struct LedgerRow {
    release_number: i32,
    basis: String,
    parts: i32,
    state: Vec<u8>,
}

/// All ledgers that numbers of the latest release stand on, its own included.
pub fn ledgers(conn: &mut Conn) -> Result<Vec<Kept>, StoreError> {
    let rows: Vec<LedgerRow> = on!(conn, |c| release_ledgers::table
        .order((release_ledgers::release_number, release_ledgers::basis))
        .select(LedgerRow::as_select())
        .load(c))?;
    let mut read = |row: LedgerRow| {
        let of = release_footings::release_number
            .eq(row.release_number)
            .and(release_footings::basis.eq(row.basis.clone()));
        let footing: Vec<Vec<u8>> = on!(conn, |c| release_footings::table
            .filter(of)
            .order(release_footings::part)
            .select(release_footings::body)
            .load(c))?;
        // A list that is not there would count as never published.
        if usize::try_from(row.parts) != Ok(footing.len()) {
            return Err(unreadable(WHAT, format!("{} of {} parts of a ledger", footing.len(), row.parts)));
        }
        Ok(Kept {
            release: number(WHAT, row.release_number)?,
            basis: parsed(WHAT, &row.basis)?,
            footing,
            state: row.state,
        })
    };
    rows.into_iter().map(&mut read).collect()
}

pub(super) fn keep(conn: &mut Conn, release: i32, ledgers: &[Ledger]) -> Result<(), StoreError> {
    for ledger in ledgers {
        let basis = ledger.basis.name();
        let row = (
            release_ledgers::release_number.eq(release),
            release_ledgers::basis.eq(basis),
            release_ledgers::parts.eq(number::<_, i32>(WHAT, ledger.footing.len())?),
            release_ledgers::state.eq(ledger.state.as_slice()),
            release_ledgers::stands_on.eq(serde_json::to_string(&ledger.stands_on).unwrap_or_default()),
        );
        on!(conn, |c| diesel::insert_into(release_ledgers::table).values(row).execute(c))?;
        for (part, body) in (0_i32..).zip(&ledger.footing) {
            let row = (
                release_footings::release_number.eq(release),
                release_footings::basis.eq(basis),
                release_footings::part.eq(part),
                release_footings::body.eq(body.as_slice()),
            );
            on!(conn, |c| diesel::insert_into(release_footings::table).values(row).execute(c))?;
        }
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
            release_footings::table
                .filter(release_footings::basis.eq(&basis))
                .filter(release_footings::release_number.lt(release))
                .filter(release_footings::release_number.ne_all(&needed))
        )
        .execute(c))?;
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
        release_footings::table.filter(release_footings::release_number.eq(release))
    )
    .execute(c))?;
    on!(conn, |c| diesel::delete(
        release_ledgers::table.filter(release_ledgers::release_number.eq(release))
    )
    .execute(c))?;
    Ok(())
}
