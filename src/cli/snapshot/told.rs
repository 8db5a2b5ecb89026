//! Snapshots as the service tells of them, and how commands print them.

use serde::{Deserialize, Serialize};

use crate::domain::snapshot::SnapshotId;

/// A snapshot without its cells.
#[derive(Serialize, Deserialize)]
pub struct Snapshot {
    pub id: String,
    pub uploaded_at: String,
    pub period: String,
    pub attack: Attack,
    pub producer: Producer,
    pub basis: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u16>,
    pub scale: String,
    pub technologies: Vec<String>,
    pub complete: Vec<String>,
    pub cells: usize,
}

#[derive(Serialize, Deserialize)]
pub struct Attack {
    pub domain: String,
    pub version: String,
}

#[derive(Serialize, Deserialize)]
pub struct Producer {
    pub source: String,
    pub feed: u8,
    pub adapter: String,
}

impl Snapshot {
    /// The source, with the number of the feed where it isn't the first.
    pub fn feed(&self) -> String {
        match &self.producer {
            Producer { source, feed: 1, .. } => source.clone(),
            Producer { source, feed, .. } => format!("{source} {feed}"),
        }
    }
}

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
