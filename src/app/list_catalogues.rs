//! The ATT&CK versions that this service knows.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};

use super::App;
use crate::{
    domain::attack::{AttackVersion, Catalogue},
    store::{self, StoreError},
};

/// One version.
#[derive(Debug, Clone)]
pub struct Known {
    pub catalogue: Arc<Catalogue>,
    /// `None` for a version that the program carries and that no import replaced.
    pub imported_at: Option<DateTime<Utc>>,
    /// True if releases may be computed in it.
    pub enabled: bool,
    /// True if the next release will be.
    pub canonical: bool,
}

/// Oldest version first.
pub fn list_catalogues(app: &App) -> Result<Vec<Known>, StoreError> {
    let attack = app.attack();
    let catalogues = &attack.catalogues;
    let imported: BTreeMap<AttackVersion, DateTime<Utc>> = app
        .db
        .read(store::catalogue::list)?
        .into_iter()
        .map(|imported| (imported.version, imported.imported_at))
        .collect();
    let canonical = catalogues.canonical().map(|canonical| canonical.version());
    let known = catalogues.versions().filter_map(|version| {
        Some(Known {
            catalogue: Arc::clone(catalogues.get(version)?),
            imported_at: imported.get(&version).copied(),
            enabled: catalogues.is_enabled(version),
            canonical: canonical == Some(version),
        })
    });
    Ok(known.collect())
}
