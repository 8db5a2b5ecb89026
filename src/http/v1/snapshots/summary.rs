//! Stored snapshots without their cells.

use crate::{
    domain::snapshot::Snapshot,
    store::snapshot::{Listed, Stored},
    wire::snapshot::SnapshotSummary,
};

impl From<&Stored> for SnapshotSummary {
    fn from(stored: &Stored) -> Self {
        let Snapshot { header, cells } = &stored.snapshot;
        Self::new(&stored.id, stored.uploaded_at, header.clone(), cells.len())
    }
}

impl From<Listed> for SnapshotSummary {
    fn from(listed: Listed) -> Self {
        let cells = usize::try_from(listed.cells).unwrap_or(usize::MAX);
        Self::new(&listed.id, listed.uploaded_at, listed.header, cells)
    }
}
