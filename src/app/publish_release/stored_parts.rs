//! The parts of a release's lists in the database: they are stored while the rules still work on others, each in a
//! transaction of its own, so that uploads need not wait for all of them.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

use super::{error::PublishError, work::Work};
use crate::{
    app::App,
    domain::release::{PartError, PartId, Parts, ReleaseError},
    store::{self, StoreError},
};

/// Parts that wait to be stored. Who puts more away waits.
const WAITING: usize = 4;
/// Parts of earlier releases that are held, for each thread that asks for them.
const RECENT: usize = 16;
const RECENT_AT_MOST: usize = 128;

/// Runs the rules with the stored parts of earlier releases, and stores those that they put away.
pub(super) fn with_stored_parts<T>(
    work: &Work<'_>,
    rules: impl FnOnce(&dyn Parts) -> Result<T, ReleaseError>,
) -> Result<T, PublishError> {
    let (put, waiting) = sync_channel::<(PartId, Vec<u8>)>(WAITING);
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            waiting.into_iter().try_for_each(|(place, part)| {
                work.write("keep lists", |conn| Ok(store::release::put_part(conn, place, &part)?))
            })
        });
        let parts = Stored { app: work.app, put, recent: Mutex::default(), failed: Mutex::default() };
        let outcome = rules(&parts);
        let Stored { put, failed, .. } = parts;
        drop(put);
        // The cause says more than the rules' error does.
        writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error.into()),
            None => Ok(outcome?),
        }
    })
}

struct Stored<'a> {
    app: &'a App,
    put: SyncSender<(PartId, Vec<u8>)>,
    /// Parts in the order of their last use, the latest at the end.
    recent: Mutex<VecDeque<(PartId, Arc<Vec<u8>>)>>,
    /// Reason why a part could not be fetched.
    failed: Mutex<Option<StoreError>>,
}

impl Parts for Stored<'_> {
    fn put(&self, place: PartId, part: Vec<u8>) -> Result<(), PartError> {
        // An error says that the writer has ended, which tells why.
        self.put.send((place, part)).map_err(|_| PartError)
    }

    fn fetch(&self, place: PartId) -> Result<Arc<Vec<u8>>, PartError> {
        // Held while a part is read, so that it is read once however many ask for it.
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let known = recent.iter().position(|(of, _)| *of == place).and_then(|at| recent.remove(at));
        let part = match known {
            Some((_, part)) => part,
            None => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                if failed.is_some() {
                    // Nothing will be published any more.
                    return Err(PartError);
                }
                let part = self.app.db.read(|conn| store::release::part(conn, place)).map_err(|error| {
                    *failed = Some(error);
                    PartError
                })?;
                Arc::new(part)
            }
        };
        recent.push_back((place, Arc::clone(&part)));
        if recent.len() > (RECENT * rayon::current_num_threads()).min(RECENT_AT_MOST) {
            recent.pop_front();
        }
        Ok(part)
    }
}
