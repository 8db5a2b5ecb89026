//! Bounds of what all requests of a process cost together: bytes of bodies and answers in flight, and work at the same time.
//! Whoever finds nothing left is told to come back (503 with `Retry-After`).

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use actix_web::{rt::time::timeout, web};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    problem::Problem,
    shares::{Exhausted, Payer, Share, Shares},
};

/// Parts into which the bytes in flight are divided: one payer gets at most one part.
const PARTS: u64 = 4;
/// Requests that wait for each one that is worked on, at most.
const WAITING: u64 = 32;
/// Large bodies that are decompressed and read at the same time. They take half of the processors, so that bodies which mean
/// harm leave the rest to others.
fn large_bodies() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| (processors.get() / 2).max(1))
}

/// The bounds; every number is of the whole process.
#[derive(Debug, Clone, Copy)]
pub struct LoadLimits {
    /// Requests that are worked on at the same time. One payer has half of them at most.
    pub work: usize,
    /// Bytes of bodies as sent.
    pub bodies_bytes: u64,
    /// Bytes of bodies after decompression.
    pub decoded_bytes: u64,
    /// Bytes of large answers that callers have not read yet.
    pub answers_bytes: u64,
    pub connections: u64,
    pub connections_per_address: u64,
    /// Time limit of a request once its body is there.
    pub request: Duration,
    /// Time limit for reading each 64 KiB of an answer.
    pub write: Duration,
}

impl Default for LoadLimits {
    fn default() -> Self {
        Self {
            work: 32,
            bodies_bytes: 64 << 20,
            decoded_bytes: 128 << 20,
            answers_bytes: 256 << 20,
            connections: 800,
            connections_per_address: 200,
            request: Duration::from_secs(30),
            write: Duration::from_secs(30),
        }
    }
}

/// The work and bytes in flight.
pub struct Load {
    pub bodies: Shares,
    pub decoded: Shares,
    pub answers: Shares,
    /// Whoever decompresses, and whoever reads a large body.
    pub large_bodies: Gate,
    work: Work,
    /// Readiness and what else must be answered while everything is busy.
    aside: Arc<Semaphore>,
    request: Duration,
}

impl Load {
    /// `body` and `decoded` are the limits of one body: one payer can always send one.
    pub fn new(limits: &LoadLimits, body: usize, decoded: usize) -> Self {
        let bytes = |whole: u64, one: usize| {
            let one = u64::try_from(one).unwrap_or(u64::MAX);
            Shares::new(whole.max(one), (whole / PARTS).max(one))
        };
        Self {
            bodies: bytes(limits.bodies_bytes, body),
            decoded: bytes(limits.decoded_bytes, decoded),
            answers: bytes(limits.answers_bytes, 16 << 20),
            large_bodies: Gate::new(large_bodies()),
            work: Work::new(limits.work),
            aside: Arc::new(Semaphore::new(1)),
            request: limits.request,
        }
    }

    /// Does on the blocking pool what may wait for a disk or a database, once it is this request's turn.
    pub async fn work<T, E>(
        &self,
        payer: &Payer,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem>,
    {
        let turn = timeout(self.request, self.work.turn(payer)).await.unwrap_or(Err(Exhausted));
        let turn = turn.map_err(|Exhausted| Problem::busy())?;
        let done = block(turn, work);
        timeout(self.request, done).await.unwrap_or_else(|_| Err(Problem::late(self.request)))
    }

    /// Does work without a time limit.
    pub async fn long_work<T, E>(
        &self,
        payer: &Payer,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem>,
    {
        let turn = self.work.turn(payer).await.map_err(|Exhausted| Problem::busy())?;
        block(turn, work).await
    }

    /// Does work beside all other work, one at a time, so that it is answered while everything is busy.
    pub async fn aside<T, E>(
        &self,
        most: Duration,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem>,
    {
        let most = most.min(self.request);
        let turn = timeout(most, Arc::clone(&self.aside).acquire_owned()).await;
        let turn = turn.map_err(|_| Problem::busy())?.map_err(Problem::internal)?;
        timeout(most, block(turn, work)).await.unwrap_or_else(|_| Err(Problem::late(most)))
    }

    /// Forgets payers who have nothing to do.
    pub fn forget_idle(&self) {
        self.work.forget_idle();
    }
}

async fn block<T, E>(
    turn: impl Send + 'static,
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Into<Problem>,
{
    let span = tracing::Span::current();
    let in_span = move || {
        // Held until the work is done, even where nobody waits for it any more.
        let _turn = turn;
        span.in_scope(|| work().map_err(Into::into))
    };
    web::block(in_span).await.map_err(Problem::internal)?
}

/// A place for some at a time, on threads that may wait. Cheap to clone; a clone is the same place.
#[derive(Debug, Clone)]
pub struct Gate(Arc<(Mutex<usize>, Condvar)>);

impl Gate {
    pub fn new(places: usize) -> Self {
        Self(Arc::new((Mutex::new(places), Condvar::new())))
    }

    /// Waits for a place.
    pub fn enter(&self) -> Place {
        let (free, left) = &*self.0;
        let free = free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = left.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Place(self.clone())
    }
}

/// A place behind a gate, until it is dropped.
#[derive(Debug)]
pub struct Place(Gate);

impl Drop for Place {
    fn drop(&mut self) {
        let (free, left) = &*self.0.0;
        *free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        left.notify_one();
    }
}

/// Turns to work. A payer waits for a turn of its own part first, so that its crowd doesn't stand in the way of others.
struct Work {
    turns: Arc<Semaphore>,
    part: usize,
    /// Those who work or wait.
    crowd: Shares,
    by_payer: Mutex<HashMap<Payer, Arc<Semaphore>>>,
}

/// A request's turn.
struct Turn {
    _of_payer: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
    _in_the_crowd: Share,
}

impl Work {
    fn new(turns: usize) -> Self {
        let turns = turns.max(2);
        let part = turns / 2;
        let crowd = u64::try_from(turns).unwrap_or(u64::MAX).saturating_mul(WAITING);
        Self {
            turns: Arc::new(Semaphore::new(turns)),
            part,
            crowd: Shares::new(crowd, crowd / PARTS),
            by_payer: Mutex::default(),
        }
    }

    async fn turn(&self, payer: &Payer) -> Result<Turn, Exhausted> {
        let crowd = self.crowd.take(payer, 1)?;
        let own = self.of(payer).acquire_owned().await.map_err(|_| Exhausted)?;
        let all = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Exhausted)?;
        Ok(Turn { _of_payer: own, _of_all: all, _in_the_crowd: crowd })
    }

    fn of(&self, payer: &Payer) -> Arc<Semaphore> {
        let mut known = self.by_payer.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Semaphore::new(self.part));
        Arc::clone(known.entry(payer.clone()).or_insert_with(new))
    }

    fn forget_idle(&self) {
        let mut known = self.by_payer.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, turns| Arc::strong_count(turns) > 1 || turns.available_permits() < self.part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_crowd_of_one_payer_leaves_turns_to_others() {
        let work = Work::new(4);
        let (a, b) = (Payer::address("a"), Payer::address("b"));
        let first = (work.turn(&a).await.unwrap(), work.turn(&a).await.unwrap());
        assert!(timeout(Duration::from_millis(20), work.turn(&a)).await.is_err(), "half is the most");
        let other = work.turn(&b).await.unwrap();
        work.forget_idle();
        assert!(timeout(Duration::from_millis(20), work.turn(&a)).await.is_err(), "nor after tidying up");
        drop(first);
        drop(work.turn(&a).await.unwrap());
        drop(other);
        work.forget_idle();
        assert!(work.by_payer.lock().unwrap().is_empty());
    }

    #[actix_web::test]
    async fn who_waits_is_bounded_too() {
        let work = Work::new(2);
        let a = Payer::address("a");
        let turn = work.turn(&a).await.unwrap();
        let mut waiting: Vec<_> = (0..15).map(|_| Box::pin(work.turn(&a))).collect();
        for one in &mut waiting {
            assert!(timeout(Duration::from_millis(1), one).await.is_err());
        }
        assert!(work.turn(&a).await.is_err(), "a quarter of the crowd");
        drop(turn);
    }
}
