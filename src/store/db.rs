//! The pool, and the only two ways to the data: reading, and named write transactions.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use diesel::r2d2::{ManageConnection as _, NopErrorHandler, Pool, PooledConnection};
use tracing::debug;

use super::{
    Conn, Location, StoreError,
    connection::{Manager, Purpose, Statements},
    error::{is_outage, is_transient},
    group_commit::Writer,
    watch::{Moment, Watch},
};

/// Options for opening a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOptions {
    /// Make the SQLite file where there is none. Only commands that also migrate do this, so that a typo in a path
    /// never becomes an empty database.
    pub create: bool,
    /// Connections at most, at least 1.
    pub pool_size: u32,
    /// Off for a proxy in front of PostgreSQL that pools by transaction.
    pub prepared_statements: bool,
    /// Maximum wait: for a free connection; and for its turn to write and until a transaction that loses against
    /// others is given up, together.
    pub wait: Duration,
    /// Time limit of one statement on PostgreSQL.
    pub statement: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            create: false,
            pool_size: 8,
            prepared_statements: true,
            wait: Duration::from_secs(10),
            statement: Duration::from_secs(60),
        }
    }
}

/// A database. Cheap to clone; a clone is the same pool.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Manager>,
    manager: Arc<Manager>,
    /// SQLite has one writer. Who waits here wakes as soon as it can write, where SQLite itself would poll; and who waits
    /// holds no connection that a reader could use.
    writer: Option<Arc<Writer>>,
    /// SQLite alone tells this cheaply.
    watch: Option<Arc<Watch>>,
    /// Something was deleted that the log may still hold.
    erased: Arc<AtomicBool>,
    /// Time at which the last write failed because of an outage; `None` if it succeeded.
    write_failed: Arc<Mutex<Option<Instant>>>,
    wait: Duration,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("backend", &self.backend()).finish_non_exhaustive()
    }
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`. Does not migrate.
    ///
    /// # Errors
    /// Another scheme, a file that is not there (unless `create`), a server that does not answer.
    pub fn open(url: &str, options: OpenOptions) -> Result<Self, StoreError> {
        let location: Location = url.parse()?;
        if options.create {
            location.create()?;
        }
        let statements =
            if options.prepared_statements { Statements::Prepared } else { Statements::Unprepared };
        // The pool would try again and again; whoever starts the program wants to know at once.
        let manager = Arc::new(Manager { location, statements, statement: options.statement });
        let (writer, watch) = match manager.connect()? {
            Conn::Sqlite(conn) => (Some(Arc::default()), Some(Arc::new(Watch::new(conn)))),
            Conn::Pg(_) => (None, None),
        };
        let pool = Pool::builder()
            .max_size(options.pool_size.max(1))
            // A connection is made when somebody waits for it, never ahead in the background: a command that ends
            // while libpq is still connecting crashes in the cleaning up of its TLS library.
            .min_idle(Some(0))
            .connection_timeout(options.wait)
            .error_handler(Box::new(NopErrorHandler))
            .build(Manager::clone(&manager))
            .map_err(|error| StoreError::Busy(error.to_string()))?;
        Ok(Self {
            pool,
            manager,
            writer,
            watch,
            erased: Arc::new(AtomicBool::new(true)),
            write_failed: Arc::default(),
            wait: options.wait,
        })
    }

    /// `sqlite` or `postgres`.
    pub fn backend(&self) -> &'static str {
        if self.writer.is_some() { "sqlite" } else { "postgres" }
    }

    /// A connection beside those of the pool.
    pub(super) fn connect(&self) -> Result<Conn, StoreError> {
        self.manager.connect()
    }

    pub(super) fn connection(&self) -> Result<PooledConnection<Manager>, StoreError> {
        self.pool.get().map_err(|error| StoreError::Busy(error.to_string()))
    }

    /// Reads with single statements, each of which sees the latest state.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        work(&mut *self.connection()?)
    }

    /// Reads with statements that are so quick that a thread that must not wait may make them: on SQLite and where a
    /// connection is free. `None` where it would have to wait.
    pub fn read_at_once<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        self.writer.as_ref()?;
        let mut conn = self.pool.try_get()?;
        Some(work(&mut conn))
    }

    /// The moment that the database is at, to be taken before what is to be remembered is read. `None` where it cannot be
    /// said at once: then nothing is to be remembered.
    pub fn moment(&self) -> Option<Moment> {
        self.watch.as_ref()?.moment()
    }

    /// Reads with several statements that all see the same state.
    pub fn read_together<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.connection()?;
        conn.begin(Purpose::Read)?;
        let outcome = work(&mut conn);
        conn.roll_back();
        outcome
    }

    /// Time since the last write failed because the database is full, locked or away; `None` if it succeeded. A read may still
    /// succeed.
    pub fn write_failed(&self) -> Option<Duration> {
        self.last_write().as_ref().map(Instant::elapsed)
    }

    fn last_write(&self) -> MutexGuard<'_, Option<Instant>> {
        self.write_failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One write transaction: everything that `work` does, or nothing where it fails. On return it is on disk. `work`
    /// runs again, from the start, where it lost against another transaction; `name` says in the trace what it was.
    pub fn write<T, E>(
        &self,
        name: &'static str,
        mut work: impl FnMut(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: Error + From<StoreError> + 'static,
    {
        self.write_until(Instant::now() + self.wait, name, &mut work)
    }

    fn write_until<T, E>(
        &self,
        deadline: Instant,
        name: &'static str,
        work: &mut impl FnMut(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: Error + From<StoreError> + 'static,
    {
        let started = Instant::now();
        let turn = self.writer.as_ref().map(|writer| writer.alone(deadline)).transpose()?;
        let mut attempts = 0_u32;
        let outcome = loop {
            attempts += 1;
            match attempt(&mut *self.connection()?, work) {
                Err(error) if is_transient(&error) && Instant::now() < deadline => {
                    thread::sleep(pause(attempts, started));
                }
                outcome => break outcome,
            }
        };
        drop(turn);
        let outage = outcome.as_ref().is_err_and(|error| is_outage(error));
        if outcome.is_ok() || outage {
            *self.last_write() = outage.then(Instant::now);
        }
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        debug!(transaction = name, attempts, micros, committed = outcome.is_ok(), "write transaction");
        outcome
    }

    /// Writes what comes in numbers: on SQLite those who wait for their turn at the same moment go to disk in one
    /// transaction, in which `work` may see what others did before it. PostgreSQL does this by itself.
    pub fn write_together<T, E>(
        &self,
        name: &'static str,
        mut work: impl FnMut(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: Error + From<StoreError> + 'static,
    {
        let deadline = Instant::now() + self.wait;
        let shared = match &self.writer {
            Some(writer) => writer.commit_with_others(deadline, || self.connection(), &mut work)?,
            None => None,
        };
        if matches!(shared, Some(Ok(_))) {
            *self.last_write() = None;
        }
        debug!(transaction = name, shared = shared.is_some(), "write transaction with others");
        // Where the shared transaction failed each goes alone, so that its own error comes to light.
        shared.unwrap_or_else(|| self.write_until(deadline, name, &mut work))
    }

    /// Takes what was deleted out of SQLite's log as well, which keeps old pages until it is written over. Where a reader
    /// of the old state is in the way, [`Self::forget_erased_at_last`] does it later; PostgreSQL's vacuum needs no help.
    pub fn forget_erased(&self) {
        self.erased.store(true, Ordering::Relaxed);
        self.forget_erased_at_last();
    }

    /// Does what [`Self::forget_erased`] could not do, or what a process could not that was killed: the first call always
    /// does it.
    pub fn forget_erased_at_last(&self) {
        let Some(writer) = &self.writer else { return };
        if !self.erased.swap(false, Ordering::Relaxed) {
            return;
        }
        let turn = writer.alone(Instant::now() + self.wait);
        match turn.and_then(|_turn| self.connection()?.truncate_log()) {
            Ok(true) => return,
            Ok(false) => {
                debug!("somebody still reads what was deleted, so the write-ahead log keeps it for now")
            }
            Err(error) => debug!(%error, "the write-ahead log keeps deleted pages for now"),
        }
        self.erased.store(true, Ordering::Relaxed);
    }
}

fn attempt<T, E: From<StoreError>>(
    conn: &mut Conn,
    work: &mut impl FnMut(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    conn.begin(Purpose::Write)?;
    match work(conn) {
        Ok(value) => match conn.commit() {
            Ok(()) => Ok(value),
            Err(error) => {
                conn.roll_back();
                Err(error.into())
            }
        },
        Err(error) => {
            conn.roll_back();
            Err(error)
        }
    }
}

/// Longer with each attempt, up to 50 ms, and spread by when the transaction began, so that two that collided part.
fn pause(attempts: u32, started: Instant) -> Duration {
    let most = 1_u64 << attempts.min(6);
    let spread = u64::from(started.elapsed().subsec_nanos()) % (most * 1000);
    Duration::from_micros(most.min(50) * 500 + spread / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_connection_is_made_that_nobody_waits_for() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("one.db").display());
        let db = Db::open(&url, OpenOptions { create: true, ..OpenOptions::default() }).unwrap();
        let held = db.connection().unwrap();
        // Long enough for a pool that makes more of them.
        thread::sleep(Duration::from_millis(200));
        assert_eq!(db.pool.state().connections, 1);
        drop(held);
    }
}
