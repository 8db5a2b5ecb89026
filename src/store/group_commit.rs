//! SQLite's one writer: who may write now, and transactions of several that are brought to disk together.
//!
//! A commit waits for the disk, and whoever waits for their turn meanwhile waits for it as well. So the one whose turn it is
//! leaves the transaction open where others wait, and the last of them commits for all. Each has a savepoint of its own:
//! what fails leaves nothing and takes nothing with it.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::r2d2::PooledConnection;
use parking_lot::MutexGuard;

use super::{
    Conn, StoreError,
    connection::{Manager, Purpose},
};

/// Maximum number of units that are committed together, so that the first one does not wait for ever.
const MOST: usize = 32;

/// Interval at which waiting members look for a shared transaction that was left open.
const AGAIN: Duration = Duration::from_millis(200);

/// The queue of those who want to write.
#[derive(Default)]
pub(super) struct Writer {
    open: parking_lot::Mutex<Option<Shared>>,
    /// Number of waiting units that may share a transaction.
    waiting: AtomicUsize,
}

/// The turn of one who writes alone.
pub(super) struct Turn<'a>(
    #[expect(dead_code, reason = "held until its end")] MutexGuard<'a, Option<Shared>>,
);

/// A transaction that several share.
struct Shared {
    conn: PooledConnection<Manager>,
    members: usize,
    end: Arc<End>,
}

/// The end of a shared transaction; `None` while it is open.
#[derive(Default)]
struct End {
    committed: Mutex<Option<bool>>,
    told: Condvar,
}

fn queue() -> StoreError {
    StoreError::Busy("others are writing".to_owned())
}

impl Writer {
    /// Waits for the turn to write alone.
    ///
    /// # Errors
    /// Where others write until the deadline.
    pub fn alone(&self, deadline: Instant) -> Result<Turn<'_>, StoreError> {
        let mut open = self.open.try_lock_until(deadline).ok_or_else(queue)?;
        if let Some(shared) = open.take() {
            shared.commit();
        }
        Ok(Turn(open))
    }

    /// Does the work in a shared transaction, in one that `connect` gives a connection for if none is open. `None` where
    /// it was not committed, for whatever reason: then nothing of it happened.
    ///
    /// # Errors
    /// Where others write until the deadline.
    pub fn commit_with_others<T, E>(
        &self,
        deadline: Instant,
        connect: impl FnOnce() -> Result<PooledConnection<Manager>, StoreError>,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<Option<Result<T, E>>, StoreError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let open = self.open.try_lock_until(deadline);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let mut open = open.ok_or_else(queue)?;
        let shared = open.take().map_or_else(|| connect().and_then(Shared::begin), Ok);
        let Ok(mut shared) = shared else { return Ok(None) };
        let end = Arc::clone(&shared.end);
        let Ok(outcome) = shared.work(work) else { return Ok(None) };
        if self.waiting.load(Ordering::SeqCst) > 0 && shared.members < MOST {
            *open = Some(shared);
            drop(open);
        } else {
            shared.commit();
            drop(open);
        }
        Ok(self.wait(&end).then_some(outcome))
    }

    /// Returns whether a shared transaction is on disk. Whoever it was left open for may have given up meanwhile; then one of those
    /// who wait for its end commits it.
    fn wait(&self, end: &End) -> bool {
        loop {
            if let Some(committed) = end.wait(AGAIN) {
                return committed;
            }
            if let Some(mut open) = self.open.try_lock()
                && let Some(shared) = open.take()
            {
                shared.commit();
            }
        }
    }
}

impl Shared {
    fn begin(mut conn: PooledConnection<Manager>) -> Result<Self, StoreError> {
        conn.begin(Purpose::Write)?;
        Ok(Self { conn, members: 0, end: Arc::default() })
    }

    /// Runs one unit.
    fn work<T, E>(
        &mut self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<Result<T, E>, StoreError> {
        self.members += 1;
        self.conn.set_savepoint()?;
        let outcome = work(&mut self.conn);
        match outcome {
            Ok(_) => self.conn.commit()?,
            // Where even that fails SQLite has thrown away the whole transaction.
            Err(_) => self.conn.roll_back_to_savepoint()?,
        }
        Ok(outcome)
    }

    fn commit(mut self) {
        let committed = self.conn.commit().is_ok();
        self.end.tell(committed);
    }
}

impl Drop for Shared {
    /// Without a commit before it one of them panicked or lost the transaction, and all have to begin anew. The pool throws
    /// a connection away whose transaction is open.
    fn drop(&mut self) {
        self.end.tell(false);
    }
}

impl End {
    /// The first word counts.
    fn tell(&self, committed: bool) {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(committed);
        self.told.notify_all();
    }

    /// `None` where it is open for longer than that.
    fn wait(&self, most: Duration) -> Option<bool> {
        let told = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        let told = self.told.wait_timeout_while(told, most, |told| told.is_none());
        *told.unwrap_or_else(PoisonError::into_inner).0
    }
}
