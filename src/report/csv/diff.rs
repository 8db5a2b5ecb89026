//! The cells that differ between two snapshots as CSV.

use crate::report::rows::{Tabled, table, text};
use crate::wire::snapshot::{CellChange, SnapshotDiff};

/// A cell that differs, with the two snapshots.
struct Line<'a> {
    diff: &'a SnapshotDiff,
    kind: &'static str,
    cell: &'a CellChange,
}

type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("change", |line| line.kind.to_owned()),
    ("technique", |line| line.cell.technique.clone()),
    ("technology", |line| line.cell.technology.clone()),
    ("before", |line| text(line.cell.before.as_ref())),
    ("after", |line| text(line.cell.after.as_ref())),
    ("before_id", |line| line.diff.before.id.clone()),
    ("before_scale", |line| line.diff.before.scale.clone()),
    ("before_attack", |line| line.diff.before.attack.version.clone()),
    ("after_id", |line| line.diff.after.id.clone()),
    ("after_scale", |line| line.diff.after.scale.clone()),
    ("after_attack", |line| line.diff.after.attack.version.clone()),
];

impl Tabled for SnapshotDiff {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let kinds = [("added", &self.added), ("removed", &self.removed), ("changed", &self.changed)];
        let lines = kinds.into_iter().flat_map(|(kind, cells)| cells.iter().map(move |cell| (kind, cell)));
        table(COLUMNS, lines.map(|(kind, cell)| Line { diff: self, kind, cell }))
    }
}
