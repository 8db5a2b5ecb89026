//! Leases: what only one process may do at a time, whatever number of them shares the database. Who does not renew in
//! time loses the lease, so nobody waits for ever for a process that was killed.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    connection::on,
    schema::leases,
    value::{moment, utc},
};

/// Takes a lease for a term. Where somebody else holds it, the answer is until when.
pub fn take(
    conn: &mut Conn,
    name: &str,
    owner: &str,
    now: DateTime<Utc>,
    term: TimeDelta,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let until = now + term;
    // A lease that ends later than any that begins now was taken under a clock that has been set back since.
    let latest = moment(until + term);
    let held: Option<(String, NaiveDateTime)> = on!(conn, |c| leases::table
        .find(name)
        .select((leases::owner, leases::expires_at))
        .get_result(c)
        .optional())?;
    let holds = |holder: &str, end: NaiveDateTime| holder != owner && end > moment(now) && end <= latest;
    if let Some((_, expires_at)) = held.filter(|(holder, end)| holds(holder, *end)) {
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

/// Ends a lease, whoever holds it. Whether there was one.
pub fn clear(conn: &mut Conn, name: &str) -> Result<bool, StoreError> {
    let ended = on!(conn, |c| diesel::delete(leases::table.find(name)).execute(c))?;
    Ok(ended > 0)
}

/// Ends the owner's lease.
pub fn end(conn: &mut Conn, name: &str, owner: &str) -> Result<(), StoreError> {
    let held = leases::table.find(name).filter(leases::owner.eq(owner));
    on!(conn, |c| diesel::delete(held).execute(c))?;
    Ok(())
}
