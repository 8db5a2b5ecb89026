//! Days and IDs of snapshots as commands take and print them.

use crate::domain::snapshot::SnapshotId;

/// The day of a time in ISO form.
pub fn day(time: &str) -> String {
    time.split('T').next().unwrap_or(time).to_owned()
}

/// Reads the id of a snapshot, which becomes part of an address.
pub fn id(text: &str) -> Result<SnapshotId, &'static str> {
    match !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        true => Ok(SnapshotId::new(text)),
        false => Err("expected an ID as `peerbench snapshot list` shows it"),
    }
}
