//! The operator adds an ATT&CK version to the bundled ones, or replaces one.

use thiserror::Error;

use super::{App, Caller, StartError, log};
use crate::{
    domain::{
        attack::{AttackVersion, Catalogue, compact},
        audit::Action,
        organisation::Tenant,
    },
    store::{self, StoreError, catalogue::Imported},
};

/// The outcome of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The version was bundled or imported before.
    pub replaced: bool,
    /// The version in which releases and comparisons are computed from now on.
    pub canonical: Option<AttackVersion>,
}

/// The reason why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportCatalogueError {
    #[error("the catalogue could not be stored")]
    Compact(#[from] compact::CompactError),
    #[error("the imported catalogue cannot be used")]
    Start(#[from] StartError),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Keeps a catalogue, enabled, and uses it from now on; other processes on the same database do so within seconds.
pub fn import_catalogue(
    app: &App,
    caller: &Caller,
    catalogue: &Catalogue,
) -> Result<Outcome, ImportCatalogueError> {
    let version = catalogue.version();
    let body = compact::to_json(catalogue)?;
    // What could not be read back would stop the service at its next start.
    compact::from_json(&body)?;
    let replaced = app.attack().catalogues.get(version).is_some();
    let imported = Imported { version, body, imported_at: app.clock.now() };
    app.db.write("import_catalogue", |conn| {
        store::catalogue::put(conn, &imported)?;
        store::catalogue::set_enabled(conn, version, true)?;
        let entry = log::entry(app, &caller.client, Action::CatalogueImported, &version.to_string());
        store::audit::record(conn, Tenant::Platform, &[entry])?;
        Ok::<_, StoreError>(())
    })?;
    app.refresh_attack()?;
    let canonical = app.attack().catalogues.canonical().map(|canonical| canonical.version());
    Ok(Outcome { replaced, canonical })
}
