//! A member's own snapshots as CSV.

use crate::report::rows::{Tabled, moment, table, text};
use crate::wire::snapshot::{SnapshotPage, SnapshotSummary};

type Column = (&'static str, fn(&&SnapshotSummary) -> String);

const COLUMNS: &[Column] = &[
    ("id", |snapshot| snapshot.id.clone()),
    ("uploaded_at", |snapshot| moment(snapshot.uploaded_at)),
    ("period", |snapshot| snapshot.period.clone()),
    ("source", |snapshot| snapshot.producer.source.clone()),
    ("feed", |snapshot| snapshot.producer.feed.to_string()),
    ("adapter", |snapshot| snapshot.producer.adapter.clone()),
    ("basis", |snapshot| snapshot.basis.clone()),
    ("window_days", |snapshot| text(snapshot.window_days)),
    ("scale", |snapshot| snapshot.scale.clone()),
    ("attack", |snapshot| snapshot.attack.version.clone()),
    ("technologies", |snapshot| snapshot.technologies.join(" ")),
    ("complete", |snapshot| snapshot.complete.join(" ")),
    ("cells", |snapshot| snapshot.cells.to_string()),
];

impl Tabled for SnapshotPage {
    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        table(COLUMNS, &self.items)
    }
}
