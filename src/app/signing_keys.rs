//! The signing keys that a database has been used with. A replica with another one would issue tokens that the others
//! refuse, and sign manifests that nobody can check.

use crate::{
    auth::Keys,
    store::{self, Db, StoreError},
};

/// Before the id of a key, in the list of keys that the database knows.
const PREFIX: &str = "signing ";

/// Returns whether the database knows the signing key. The first key used is remembered.
pub(super) fn is_known(db: &Db, keys: &Keys) -> Result<bool, StoreError> {
    let own = format!("{PREFIX}{}", keys.kid());
    let known = db.read(|conn| store::key::names(conn, PREFIX))?;
    if !known.is_empty() {
        return Ok(known.contains(&own));
    }
    // Of several that come first at the same moment one is.
    db.write("remember signing key", |conn| {
        if store::key::names(conn, PREFIX)?.is_empty() {
            store::key::remember(conn, &own, keys.kid())?;
        }
        Ok(store::key::names(conn, PREFIX)?.contains(&own))
    })
}

/// Adds the signing key to those that the database knows.
pub fn accept(db: &Db, keys: &Keys) -> Result<(), StoreError> {
    let name = format!("{PREFIX}{}", keys.kid());
    db.write("accept signing key", |conn| store::key::remember(conn, &name, keys.kid()))
}
