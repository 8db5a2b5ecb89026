//! Writers that the operator trusts: what they upload counts as the changes of each organisation (R32).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Conn, StoreError, connection::on, schema::trusted_writers, value::moment};

/// The names of the trusted writers.
pub fn trusted(conn: &mut Conn) -> Result<BTreeSet<String>, StoreError> {
    let names: Vec<String> = on!(conn, |c| trusted_writers::table.select(trusted_writers::name).load(c))?;
    Ok(names.into_iter().collect())
}

/// Trusts a writer, who may be trusted already.
pub fn trust(conn: &mut Conn, name: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = (trusted_writers::name.eq(name), trusted_writers::trusted_at.eq(moment(now)));
    on!(conn, |c| diesel::insert_into(trusted_writers::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Trusts a writer no longer.
pub fn distrust(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(trusted_writers::table.find(name)).execute(c))?;
    Ok(())
}
