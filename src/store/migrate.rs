//! Schema migrations, embedded in the binary: the same versions for both databases, each in its own dialect.

use diesel::{RunQueryDsl, sql_query, sql_types::BigInt};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, Db, StoreError, connection::Purpose};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The advisory lock that one migrating process holds on PostgreSQL: any number, as long as it stays the same.
const LOCK: i64 = 0x7065_6572_6265_6e63;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Db {
    /// The names of the migrations that the database has not had, oldest first.
    pub fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        self.migrating(|conn| match conn {
            Conn::Sqlite(c) => Ok(names(&c.pending_migrations(SQLITE)?)),
            Conn::Pg(c) => Ok(names(&c.pending_migrations(POSTGRES)?)),
        })
    }

    /// Returns whether the schema is this program's. Takes no lock, because it is called often.
    pub fn is_migrated(&self) -> Result<bool, StoreError> {
        let mut conn = self.connection()?;
        let pending = match &mut *conn {
            Conn::Sqlite(c) => c.has_pending_migration(SQLITE),
            Conn::Pg(c) => c.has_pending_migration(POSTGRES),
        };
        pending.map(|pending| !pending).map_err(|error| StoreError::Migration(error.to_string()))
    }

    /// Brings the schema up to date; processes that start together wait for each other. Returns what was applied.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.migrating(|conn| match conn {
            Conn::Sqlite(c) => Ok(texts(c.run_pending_migrations(SQLITE)?)),
            Conn::Pg(c) => Ok(texts(c.run_pending_migrations(POSTGRES)?)),
        })
    }

    /// Takes every migration back, and all data with it.
    #[cfg(test)]
    pub(super) fn unmigrate(&self) -> Result<Vec<String>, StoreError> {
        self.migrating(|conn| match conn {
            Conn::Sqlite(c) => Ok(texts(c.revert_all_migrations(SQLITE)?)),
            Conn::Pg(c) => Ok(texts(c.revert_all_migrations(POSTGRES)?)),
        })
    }

    fn migrating<T>(&self, work: impl FnOnce(&mut Conn) -> Outcome<T>) -> Result<T, StoreError> {
        // A connection of its own, whose patience ends with it.
        let mut conn = self.connect()?;
        conn.be_patient()?;
        lock(&mut conn)?;
        let outcome = work(&mut conn).map_err(|error| StoreError::Migration(error.to_string()));
        let unlocked = unlock(&mut conn, outcome.is_ok());
        outcome.and_then(|value| unlocked.map(|()| value))
    }
}

/// On SQLite all migrations are one transaction, which is the lock as well.
fn lock(conn: &mut Conn) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(_) => conn.begin(Purpose::Write),
        Conn::Pg(c) => {
            sql_query("SELECT pg_advisory_lock($1)").bind::<BigInt, _>(LOCK).execute(c)?;
            Ok(())
        }
    }
}

fn unlock(conn: &mut Conn, keep: bool) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(_) if keep => conn.commit(),
        Conn::Sqlite(_) => {
            conn.roll_back();
            Ok(())
        }
        Conn::Pg(c) => {
            sql_query("SELECT pg_advisory_unlock($1)").bind::<BigInt, _>(LOCK).execute(c)?;
            Ok(())
        }
    }
}

fn names<DB: diesel::backend::Backend>(
    migrations: &[Box<dyn diesel::migration::Migration<DB>>],
) -> Vec<String> {
    migrations.iter().map(|migration| migration.name().to_string()).collect()
}

fn texts(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.into_iter().map(|version| version.to_string()).collect()
}
