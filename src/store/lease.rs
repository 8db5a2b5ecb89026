//! Leases: what only one process may do at a time, whatever number of them shares the database. Who does not renew in
//! time loses the lease, so nobody waits for ever for a process that was killed.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    connection::on,
    schema::leases,
    value::{moment, utc},
};

/// Takes a lease until a moment. Where somebody else holds it, the answer is until when.
pub fn take(
    conn: &mut Conn,
    name: &str,
    owner: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let held: Option<(String, NaiveDateTime)> = on!(conn, |c| leases::table
        .find(name)
        .select((leases::owner, leases::expires_at))
        .get_result(c)
        .optional())?;
    if let Some((_, expires_at)) = held.filter(|(holder, end)| holder != owner && *end > moment(now)) {
        return Ok(Some(utc(expires_at)));
    }
    let values = (leases::owner.eq(owner), leases::expires_at.eq(moment(until)));
    on!(conn, |c| diesel::insert_into(leases::table)
        .values((leases::name.eq(name), values))
        .on_conflict(leases::name)
        .do_update()
        .set(values)
        .execute(c))?;
    Ok(None)
}

/// Prolongs a lease; `false` where it is no longer the owner's. Within a transaction it is the proof that nobody else
/// acts meanwhile: whoever took the lease changed its row, and one of the two transactions fails.
pub fn renew(conn: &mut Conn, name: &str, owner: &str, until: DateTime<Utc>) -> Result<bool, StoreError> {
    let held = leases::table.find(name).filter(leases::owner.eq(owner));
    let changed = on!(conn, |c| diesel::update(held).set(leases::expires_at.eq(moment(until))).execute(c))?;
    Ok(changed > 0)
}

/// Ends the owner's lease.
pub fn end(conn: &mut Conn, name: &str, owner: &str) -> Result<(), StoreError> {
    let held = leases::table.find(name).filter(leases::owner.eq(owner));
    on!(conn, |c| diesel::delete(held).execute(c))?;
    Ok(())
}
