//! The ATT&CK versions that a service has, side by side.

use std::{collections::BTreeMap, sync::Arc};

use super::{AttackVersion, Catalogue};

/// Bundled and imported versions. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Catalogues {
    by_version: BTreeMap<AttackVersion, Arc<Catalogue>>,
}

impl Catalogues {
    pub fn get(&self, version: AttackVersion) -> Option<&Arc<Catalogue>> {
        self.by_version.get(&version)
    }

    /// Ascending.
    pub fn versions(&self) -> impl Iterator<Item = AttackVersion> {
        self.by_version.keys().copied()
    }

    /// The newest version: what a release is computed in.
    pub fn canonical(&self) -> Option<&Arc<Catalogue>> {
        self.by_version.values().next_back()
    }

    #[must_use]
    pub fn with(mut self, catalogue: Catalogue) -> Self {
        self.by_version.insert(catalogue.version(), Arc::new(catalogue));
        self
    }
}
