//! Ledgers that releases keep for the next one (R17): the lists that published numbers stand on, as keyed digests.

use diesel::prelude::*;

use super::WHAT;
use crate::{
    domain::{
        release::{Ledger, PartId},
        snapshot::Basis,
    },
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
    pub head: Vec<u8>,
    /// The state of the latest release only.
    pub state: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = release_ledgers)]
struct LedgerRow {
    release_number: i32,
    basis: String,
    head: Vec<u8>,
    state: Vec<u8>,
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
            head: row.head,
            state: row.state,
        })
    };
    rows.into_iter().map(read).collect()
}

/// A part of the lists of a release.
pub fn part(conn: &mut Conn, place: PartId) -> Result<Vec<u8>, StoreError> {
    let PartId { basis, release, part } = place;
    let key = (number::<_, i32>(WHAT, release)?, basis.name(), number::<_, i32>(WHAT, part)?);
    let body = on!(conn, |c| release_footings::table
        .find(key)
        .select(release_footings::body)
        .get_result(c)
        .optional())?;
    let missing =
        || format!("number {release}: part {part} of its {basis} lists is missing", basis = basis.name());
    body.ok_or_else(|| unreadable(WHAT, missing()))
}

/// Keeps a part of the lists of a release that is being computed.
pub fn put_part(conn: &mut Conn, place: PartId, body: &[u8]) -> Result<(), StoreError> {
    let row = (
        release_footings::release_number.eq(number::<_, i32>(WHAT, place.release)?),
        release_footings::basis.eq(place.basis.name()),
        release_footings::part.eq(number::<_, i32>(WHAT, place.part)?),
        release_footings::body.eq(body),
    );
    on!(conn, |c| diesel::insert_into(release_footings::table).values(row).execute(c))?;
    Ok(())
}

pub(super) fn keep(conn: &mut Conn, release: i32, ledgers: &[Ledger]) -> Result<(), StoreError> {
    for ledger in ledgers {
        let row = (
            release_ledgers::release_number.eq(release),
            release_ledgers::basis.eq(ledger.basis.name()),
            release_ledgers::head.eq(ledger.head.as_slice()),
            release_ledgers::state.eq(ledger.state.as_slice()),
            release_ledgers::stands_on.eq(serde_json::to_string(&ledger.stands_on).unwrap_or_default()),
        );
        on!(conn, |c| diesel::insert_into(release_ledgers::table).values(row).execute(c))?;
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

/// Throws away the lists of a release that is not published.
pub fn forget_lists(conn: &mut Conn, release: u32) -> Result<(), StoreError> {
    let release: i32 = number(WHAT, release)?;
    on!(conn, |c| diesel::delete(
        release_footings::table.filter(release_footings::release_number.eq(release))
    )
    .execute(c))?;
    Ok(())
}

/// Throws away what a release that is not published kept.
pub(super) fn forget(conn: &mut Conn, release: u32) -> Result<(), StoreError> {
    forget_lists(conn, release)?;
    let release: i32 = number(WHAT, release)?;
    on!(conn, |c| diesel::delete(
        release_ledgers::table.filter(release_ledgers::release_number.eq(release))
    )
    .execute(c))?;
    Ok(())
}
