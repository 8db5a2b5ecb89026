//! Checks a snapshot without keeping it.

use thiserror::Error;

use super::App;
use crate::domain::{
    attack::{AttackVersion, Preview as Migrated, TechniqueId},
    calendar::Month,
    coverage::conflicts,
    facts::FactsError,
    snapshot::{Cell, Context, Refused, Snapshot, parse},
};

/// A snapshot that would be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub snapshot: Snapshot,
    pub preview: Preview,
}

/// A preview for the owner of an accepted snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// The ATT&CK version that comparisons are made in; `None` where the operator has enabled none.
    pub target: Option<AttackVersion>,
    /// The snapshot is of a newer version than that, so it does not count until releases reach it.
    pub ahead: bool,
    /// Its period ended too long ago, so it does not count.
    pub stale: bool,
    /// A snapshot of the same feed and a later period is there, so this one does not count. Known of what was uploaded only.
    pub superseded: bool,
    /// Effects of the migration to that version on the snapshot's techniques.
    pub migration: Migrated,
    /// Positive cells on a technology that cannot see the technique: by technology, then technique.
    pub conflicts: Vec<(String, TechniqueId)>,
}

/// The reason why a snapshot is refused. No text repeats a value of it.
#[derive(Debug, Error)]
pub enum CheckSnapshotError {
    #[error("the snapshot is refused with {} errors; nothing was stored", .0.errors.len())]
    Invalid(Refused),
    #[error("the clock of the service is wrong: it is outside this millennium")]
    Clock,
}

/// Checks the text of a snapshot and previews what it becomes.
pub fn check_snapshot(app: &App, text: &[u8]) -> Result<Checked, CheckSnapshotError> {
    let attack = app.attack();
    let current = Month::of(app.clock.now()).ok_or(CheckSnapshotError::Clock)?;
    let context = Context { catalogues: &attack.catalogues, registry: &app.registry, current };
    let snapshot = parse(text, context).map_err(CheckSnapshotError::Invalid)?;
    let Some(facts) = &attack.facts else { return Ok(Checked { snapshot, preview: Preview::default() }) };
    let target = Some(facts.catalogue().version());
    let preview = match (facts.origin(snapshot.header.attack), conflicts(&snapshot, facts)) {
        (Ok(origin), Ok(cells)) => {
            let named = snapshot.cells.iter().map(|cell| cell.technique);
            let migration = origin.migration.preview(named);
            let conflict = |cell: &Cell| (snapshot.technology(cell).to_owned(), cell.technique);
            Preview {
                target,
                ahead: false,
                stale: false,
                superseded: false,
                migration,
                conflicts: cells.into_iter().map(conflict).collect(),
            }
        }
        (Err(FactsError::Backwards { .. } | FactsError::Unknown(_)), _) | (_, Err(_)) => {
            Preview { target, ahead: true, ..Preview::default() }
        }
    };
    let stale = !snapshot.header.period.is_fresh(app.clock.now(), app.parameters.freshness_days);
    Ok(Checked { preview: Preview { stale, ..preview }, snapshot })
}
