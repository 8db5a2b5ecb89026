//! One connection to either database, and the macro that compiles one query body for both.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection,
    connection::{AnsiTransactionManager, CacheSize, SimpleConnection, TransactionManager},
    r2d2::ManageConnection,
    sql_query,
    sql_types::Integer,
};

use super::StoreError;

/// A connection; which database it is shows only here and in the few places that lock.
pub enum Conn {
    Sqlite(SqliteConnection),
    Pg(PgConnection),
}

/// Runs one query body on whichever database the connection is to.
///
/// Runs a statement on either database. A search for one row by its key ends in `get_result`, not in `first`: that binds a LIMIT, and SQLite, which plans by a
/// limit's value, would prepare the statement anew each time.
macro_rules! on {
    ($conn:expr, |$inner:ident| $body:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($inner) => $body,
            $crate::store::Conn::Pg($inner) => $body,
        }
    };
}
pub(super) use on;

/// The location of the database.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    Sqlite(PathBuf),
    /// A libpq connection URL.
    Postgres(String),
}

impl FromStr for Location {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite:").ok_or(StoreError::UnknownScheme)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() { Err(StoreError::UnknownScheme) } else { Ok(Self::Sqlite(PathBuf::from(path))) }
    }
}

impl fmt::Debug for Location {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

impl Location {
    /// Makes the SQLite file where there is none, readable by its owner only (SQLite gives its side files the same
    /// permissions). Nothing happens on PostgreSQL, whose databases their administrator creates.
    pub(super) fn create(&self) -> Result<(), StoreError> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        let refused = |error: io::Error| StoreError::File { path: path.clone(), reason: error.to_string() };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(refused)?;
        }
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(refused(error)),
            _ => Ok(()),
        }
    }

    fn connect(&self, statements: Statements, statement: Duration) -> Result<Conn, StoreError> {
        let mut conn = match self {
            Self::Sqlite(path) => Conn::Sqlite(sqlite(path)?),
            Self::Postgres(url) => Conn::Pg(postgres(url, statement)?),
        };
        if statements == Statements::Unprepared {
            on!(&mut conn, |c| c.set_prepared_statement_cache_size(CacheSize::Disabled));
        }
        Ok(conn)
    }
}

/// The handling of prepared statements, which a proxy that pools by transaction loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statements {
    Prepared,
    Unprepared,
}

/// The purpose of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// Parameters for libpq that the address doesn't set: they make it give up a server that doesn't answer while connecting, and one
/// that has gone without a word.
const TIMEOUTS: [(&str, &str); 6] = [
    ("connect_timeout", "5"),
    ("tcp_user_timeout", "20000"),
    ("keepalives", "1"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "2"),
];

fn postgres(url: &str, statement: Duration) -> Result<PgConnection, StoreError> {
    // The address was checked before, so that libpq repeats nothing of it; should it do so all the same, no password leaves.
    let password = url.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    let password = password.and_then(|(user, _)| user.split_once(':')).map_or("", |(_, password)| password);
    let server = |error: String| {
        StoreError::Server(if password.is_empty() { error } else { error.replace(password, "********") })
    };
    let mut conn = PgConnection::establish(&with_timeouts(url)).map_err(|error| server(error.to_string()))?;
    let limit = format!("SET statement_timeout = {}", statement.as_millis());
    conn.batch_execute(&limit).map_err(|error| server(error.to_string()))?;
    Ok(conn)
}

fn with_timeouts(url: &str) -> String {
    let said = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let is_said = |name: &str| said.split('&').any(|pair| pair.split('=').next() == Some(name));
    let unsaid = TIMEOUTS.iter().filter(|(name, _)| !is_said(name));
    let added: Vec<String> = unsaid.map(|(name, value)| format!("{name}={value}")).collect();
    let joint = match () {
        () if !url.contains('?') => "?",
        () if said.is_empty() => "",
        () => "&",
    };
    format!("{url}{joint}{}", added.join("&"))
}

fn sqlite(path: &Path) -> Result<SqliteConnection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing(path.to_owned()));
    }
    let refused = |reason: String| StoreError::File { path: path.to_owned(), reason };
    let text = path.to_str().ok_or_else(|| refused("its name is not UTF-8".to_owned()))?;
    // As a URI, because only that can say "never create". SQLite decodes %, and ends the name at ? and #.
    let name = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut conn = SqliteConnection::establish(&format!("file:{name}?mode=rw"))
        .map_err(|error| refused(error.to_string()))?;
    // The patience comes first: the switch to WAL needs it where several processes start at once. After that a transaction
    // that finds the lock taken is started again until its own deadline.
    conn.batch_execute(
        "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 1000;",
    )
    .map_err(|error| refused(error.to_string()))?;
    Ok(conn)
}

impl Conn {
    /// SQLite takes the write lock at once: a transaction that reads first and then writes would fail under load.
    /// On both databases a transaction sees one state, and on PostgreSQL one that would overwrite another's change
    /// fails and is started again.
    pub(super) fn begin(&mut self, purpose: Purpose) -> Result<(), StoreError> {
        let begun = match (self, purpose) {
            (Self::Sqlite(c), Purpose::Read) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
            (Self::Sqlite(c), Purpose::Write) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
            }
            (Self::Pg(c), Purpose::Read) => AnsiTransactionManager::begin_transaction_sql(
                c,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
            (Self::Pg(c), Purpose::Write) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ")
            }
        };
        Ok(begun?)
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        Ok(on!(self, |c| AnsiTransactionManager::commit_transaction(c))?)
    }

    /// A failed rollback is not reported: the pool throws such a connection away.
    pub(super) fn roll_back(&mut self) {
        let _ = on!(self, |c| AnsiTransactionManager::rollback_transaction(c));
    }

    /// Within a transaction: what follows can be committed to it or rolled back to here.
    pub(super) fn set_savepoint(&mut self) -> Result<(), StoreError> {
        Ok(on!(self, |c| AnsiTransactionManager::begin_transaction(c))?)
    }

    pub(super) fn roll_back_to_savepoint(&mut self) -> Result<(), StoreError> {
        Ok(on!(self, |c| AnsiTransactionManager::rollback_transaction(c))?)
    }

    /// Empties the log; returns whether nothing of the past is left in it.
    pub(super) fn truncate_log(&mut self) -> Result<bool, StoreError> {
        #[derive(QueryableByName)]
        struct Checkpoint {
            #[diesel(sql_type = Integer)]
            busy: i32,
        }
        match self {
            // Without patience: nobody is to wait for a long read because somebody deleted something.
            Self::Sqlite(c) => {
                c.batch_execute("PRAGMA busy_timeout = 0")?;
                let checkpoint = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(c);
                c.batch_execute("PRAGMA busy_timeout = 1000")?;
                Ok(checkpoint?.busy == 0)
            }
            Self::Pg(_) => Ok(true),
        }
    }

    /// A migration takes as long as it takes, and so does the wait for another process's.
    pub(super) fn be_patient(&mut self) -> Result<(), StoreError> {
        let statement = match self {
            Self::Sqlite(_) => "PRAGMA busy_timeout = 60000",
            Self::Pg(_) => "SET statement_timeout = 0",
        };
        Ok(on!(self, |c| c.batch_execute(statement))?)
    }

    fn is_idle(&mut self) -> bool {
        let depth =
            on!(self, |c| AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth());
        matches!(depth, Ok(None))
    }
}

/// The manager of the pool's connections.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    pub location: Location,
    pub statements: Statements,
    /// Time limit of one statement on PostgreSQL.
    pub statement: Duration,
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = StoreError;

    fn connect(&self) -> Result<Conn, StoreError> {
        self.location.connect(self.statements, self.statement)
    }

    /// A server may have gone; a file does not.
    fn is_valid(&self, conn: &mut Conn) -> Result<(), StoreError> {
        match conn {
            Conn::Sqlite(_) => Ok(()),
            Conn::Pg(c) => Ok(c.batch_execute("SELECT 1")?),
        }
    }

    /// A panic may have left a transaction open.
    fn has_broken(&self, conn: &mut Conn) -> bool {
        !conn.is_idle()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_added_where_they_are_not_said() {
        let url = with_timeouts("postgres://h/d?connect_timeout=30&sslmode=require");
        assert!(
            url.starts_with("postgres://h/d?connect_timeout=30&sslmode=require&tcp_user_timeout="),
            "{url}"
        );
        assert_eq!(url.matches("connect_timeout").count(), 1);
        for bare in ["postgres://h/d", "postgres://h/d?"] {
            assert!(with_timeouts(bare).starts_with("postgres://h/d?connect_timeout=5&"), "{bare}");
        }
    }
}
