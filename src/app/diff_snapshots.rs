//! Differences between two of an organisation's own snapshots.

use std::collections::BTreeMap;

use super::{
    App, Member,
    read_snapshot::{ReadSnapshotError, read_snapshot},
};
use crate::{
    domain::{
        attack::TechniqueId,
        scale::Scale,
        snapshot::{CellValue, SnapshotId},
    },
    store::snapshot::Stored,
};

/// A cell by names, and what it says in each of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub technology: String,
    pub technique: TechniqueId,
    /// `None` where the first snapshot does not name the cell.
    pub before: Option<CellValue>,
    /// `None` where the second one does not.
    pub after: Option<CellValue>,
}

/// The cells that are not the same, by technology and technique. Ids and values are those of the snapshots: where the
/// ATT&CK versions or scales differ, so may the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pub before: Stored,
    pub after: Stored,
    pub added: Vec<Difference>,
    pub removed: Vec<Difference>,
    pub changed: Vec<Difference>,
    /// Number of cells that are the same in both.
    pub unchanged: usize,
}

/// Compares the second snapshot with the first.
pub fn diff_snapshots(
    app: &App,
    member: &Member,
    before: &SnapshotId,
    after: &SnapshotId,
) -> Result<Diff, ReadSnapshotError> {
    let before = read_snapshot(app, member, before)?;
    let after = read_snapshot(app, member, after)?;
    Ok(diff(before, after))
}

type Said = (Scale, CellValue);
/// The values of a cell in the first and the second snapshot.
type Pair = (Option<Said>, Option<Said>);

fn diff(before: Stored, after: Stored) -> Diff {
    let mut cells: BTreeMap<(&str, TechniqueId), Pair> = BTreeMap::new();
    for cell in &before.snapshot.cells {
        let key = (before.snapshot.technology(cell), cell.technique);
        cells.entry(key).or_default().0 = Some((before.snapshot.header.scale, cell.value));
    }
    for cell in &after.snapshot.cells {
        let key = (after.snapshot.technology(cell), cell.technique);
        cells.entry(key).or_default().1 = Some((after.snapshot.header.scale, cell.value));
    }
    let (mut added, mut removed, mut changed, mut unchanged) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for ((technology, technique), (old, new)) in cells {
        let difference = Difference {
            technology: technology.to_owned(),
            technique,
            before: old.map(|(_, value)| value),
            after: new.map(|(_, value)| value),
        };
        match (same(old, new), old, new) {
            (true, ..) => unchanged += 1,
            (_, None, _) => added.push(difference),
            (_, _, None) => removed.push(difference),
            _ => changed.push(difference),
        }
    }
    Diff { before, after, added, removed, changed, unchanged }
}

/// Compares two values. A number means something else on another scale; not assessed means the same on all.
fn same(old: Option<Said>, new: Option<Said>) -> bool {
    match (old, new) {
        (Some((_, CellValue::NotAssessed)), Some((_, CellValue::NotAssessed))) => true,
        (old, new) => old == new,
    }
}
