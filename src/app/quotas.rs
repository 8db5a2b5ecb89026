//! Quotas of one organisation. Nothing is stored beyond them, so that nobody takes the space, or the time, of all others.

use thiserror::Error;

use crate::store::snapshot::Usage;

/// The most of each; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quotas {
    /// Different (basis, source, feed).
    pub feeds: u32,
    pub snapshots: u32,
    /// Bytes of packed cells.
    pub stored_bytes: u64,
    /// That are neither revoked nor expired.
    pub clients: u32,
}

/// A quota that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QuotaExceeded {
    #[error(
        "your organisation has {0} feeds, which is the most: withdraw the snapshots of a feed that you no longer need"
    )]
    Feeds(u32),
    #[error("your organisation keeps {0} snapshots, which is the most: withdraw old ones first")]
    Snapshots(u32),
    #[error("your organisation keeps {0} bytes of snapshots, which is the most: withdraw old ones first")]
    StoredBytes(u64),
    #[error("this organisation has {0} clients, which is the most: revoke one that is no longer used")]
    Clients(u32),
}

impl Quotas {
    /// Checks that one more snapshot of this many bytes fits; `is_new_feed` if it is the first of its feed.
    pub(super) fn admit(&self, usage: &Usage, bytes: usize, is_new_feed: bool) -> Result<(), QuotaExceeded> {
        let stored = usage.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if is_new_feed && reached(usage.feeds.len(), self.feeds) {
            return Err(QuotaExceeded::Feeds(self.feeds));
        }
        if self.snapshots > 0 && usage.snapshots >= u64::from(self.snapshots) {
            return Err(QuotaExceeded::Snapshots(self.snapshots));
        }
        if self.stored_bytes > 0 && stored > self.stored_bytes {
            return Err(QuotaExceeded::StoredBytes(self.stored_bytes));
        }
        Ok(())
    }

    /// Checks that one more client fits.
    pub(super) fn admit_client(&self, clients: u64) -> Result<(), QuotaExceeded> {
        match self.clients > 0 && clients >= u64::from(self.clients) {
            true => Err(QuotaExceeded::Clients(self.clients)),
            false => Ok(()),
        }
    }
}

fn reached(number: usize, most: u32) -> bool {
    most > 0 && u32::try_from(number).unwrap_or(u32::MAX) >= most
}
