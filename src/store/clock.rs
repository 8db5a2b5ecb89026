//! The latest times that a database knows, against which a clock that jumped shows.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::max, prelude::*};

use super::{
    Conn, StoreError,
    connection::on,
    schema::{clock, releases, snapshots},
    value::{moment, utc},
};

const NAME: &str = "service";

/// Reads the last time at which a service ran with a plausible clock.
pub fn seen(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    let seen: Option<NaiveDateTime> =
        on!(conn, |c| clock::table.find(NAME).select(clock::seen_at).get_result(c).optional())?;
    Ok(seen.map(utc))
}

/// Notes that a service runs with a clock that can be believed.
pub fn see(conn: &mut Conn, now: DateTime<Utc>) -> Result<(), StoreError> {
    let at = clock::seen_at.eq(moment(now));
    on!(conn, |c| diesel::insert_into(clock::table)
        .values((clock::name.eq(NAME), at))
        .on_conflict(clock::name)
        .do_update()
        .set(at)
        .execute(c))?;
    Ok(())
}

/// Writes what is there already, to see whether the database takes it.
pub fn touch(conn: &mut Conn) -> Result<(), StoreError> {
    on!(conn, |c| diesel::update(clock::table).set(clock::seen_at.eq(clock::seen_at)).execute(c))?;
    Ok(())
}

/// The newest time that is stored: of a service that ran, of a snapshot, of a cut-off. Reads all snapshots' times.
pub fn newest(conn: &mut Conn) -> Result<Option<DateTime<Utc>>, StoreError> {
    let uploaded: Option<NaiveDateTime> =
        on!(conn, |c| snapshots::table.select(max(snapshots::uploaded_at)).get_result(c))?;
    let cut_off: Option<NaiveDateTime> =
        on!(conn, |c| releases::table.select(max(releases::cut_off)).get_result(c))?;
    Ok([uploaded.map(utc), cut_off.map(utc), seen(conn)?].into_iter().flatten().max())
}
