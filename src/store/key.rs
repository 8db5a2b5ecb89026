//! Keys that a database has been used with, so that a wrong one is noticed before it does harm.

use diesel::prelude::*;

use super::{Conn, StoreError, connection::on, schema::key_fingerprints};

/// The fingerprint of the key of this name that was used first.
pub fn fingerprint(conn: &mut Conn, name: &str) -> Result<Option<String>, StoreError> {
    Ok(on!(conn, |c| key_fingerprints::table
        .find(name)
        .select(key_fingerprints::fingerprint)
        .get_result(c)
        .optional())?)
}

/// The names that begin like this, in order.
pub fn names(conn: &mut Conn, prefix: &str) -> Result<Vec<String>, StoreError> {
    let names: Vec<String> = on!(conn, |c| key_fingerprints::table
        .select(key_fingerprints::name)
        .order(key_fingerprints::name)
        .load(c))?;
    Ok(names.into_iter().filter(|name| name.starts_with(prefix)).collect())
}

/// Remembers a key of a name that none was used for.
pub fn remember(conn: &mut Conn, name: &str, fingerprint: &str) -> Result<(), StoreError> {
    let row = (key_fingerprints::name.eq(name), key_fingerprints::fingerprint.eq(fingerprint));
    on!(conn, |c| diesel::insert_into(key_fingerprints::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}
