//! Whether requests can be answered: the database answers and has the tables of this version.

use super::App;
use crate::store::{StoreError, organisation};

/// Asks the database for the least. That no migration is pending was checked before the service started.
pub fn check_ready(app: &App) -> Result<(), StoreError> {
    app.db.read(|conn| organisation::list(conn, None, 1)).map(drop)
}
