//! Detection of changes to an SQLite database, by whichever connection and process, for less than reading it.

use std::{hint, sync::Mutex};

use diesel::{
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Integer,
    sqlite::Sqlite,
};

/// Some microseconds, as long as one answer takes. To sleep would take longer than to ask the database in another way.
const SPINS: u32 = 64;

/// A connection that never writes: SQLite counts the commits of all others for it.
pub(super) struct Watch(Mutex<SqliteConnection>);

/// A moment of a database. While it is the same nothing was committed, so that what was read at it still holds. Moments
/// are compared with others of the same [`Db`](super::Db) only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(i32);

/// `PRAGMA data_version` as a statement that stays prepared.
#[derive(QueryId)]
struct DataVersion;

impl Query for DataVersion {
    type SqlType = Integer;
}

impl QueryFragment<Sqlite> for DataVersion {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("PRAGMA data_version");
        Ok(())
    }
}

impl RunQueryDsl<SqliteConnection> for DataVersion {}

impl Watch {
    pub fn new(conn: SqliteConnection) -> Self {
        Self(Mutex::new(conn))
    }

    /// `None` where other threads are asking for longer than it takes, or where it cannot be said.
    pub fn moment(&self) -> Option<Moment> {
        let mut conn = (0..SPINS).find_map(|_| {
            hint::spin_loop();
            self.0.try_lock().ok()
        })?;
        DataVersion.get_result(&mut *conn).ok().map(Moment)
    }
}
