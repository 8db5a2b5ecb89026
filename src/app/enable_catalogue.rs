//! The operator says which ATT&CK versions releases may be computed in. Snapshots may name the others as well.

use thiserror::Error;

use super::{App, Caller, StartError, log};
use crate::{
    domain::{attack::AttackVersion, audit::Action, organisation::Tenant},
    store::{self, StoreError},
};

/// The reason why nothing changed.
#[derive(Debug, Error)]
pub enum EnableCatalogueError {
    #[error("this service has no catalogue of ATT&CK {0}: `peerbench catalogue list` shows what it has")]
    Unknown(AttackVersion),
    #[error("ATT&CK {0} is the only enabled version, and releases need one")]
    Last(AttackVersion),
    #[error("the latest release uses ATT&CK {0}, and releases never go back to an older version")]
    Backwards(AttackVersion),
    #[error("the catalogues could not be reloaded")]
    Start(#[from] StartError),
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Enables a version or disables it, and returns the one that releases are computed in from now on.
pub fn enable_catalogue(
    app: &App,
    caller: &Caller,
    version: AttackVersion,
    enabled: bool,
) -> Result<AttackVersion, EnableCatalogueError> {
    app.refresh_attack()?;
    let mut catalogues = app.attack().catalogues.clone();
    let before = catalogues.is_enabled(version);
    if !catalogues.enable(version, enabled) {
        return Err(EnableCatalogueError::Unknown(version));
    }
    let canonical = catalogues.canonical().map(|canonical| canonical.version());
    let canonical = canonical.ok_or(EnableCatalogueError::Last(version))?;
    if before != enabled {
        let action = if enabled { Action::CatalogueEnabled } else { Action::CatalogueDisabled };
        app.db.write("enable catalogue", |conn| {
            let latest = store::release::list(conn, None, 1)?.pop();
            if let Some(latest) = latest.filter(|latest| latest.attack > canonical) {
                return Err(EnableCatalogueError::Backwards(latest.attack));
            }
            store::catalogue::set_enabled(conn, version, enabled)?;
            let entry = log::entry(app, &caller.client, action, &version.to_string());
            Ok(store::audit::record(conn, Tenant::Platform, &[entry])?)
        })?;
        app.refresh_attack()?;
    }
    Ok(canonical)
}
