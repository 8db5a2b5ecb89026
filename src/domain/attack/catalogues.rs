//! Several ATT&CK versions side by side.

use std::{collections::BTreeMap, sync::Arc};

use super::{AttackVersion, Catalogue, bundled};

/// The versions that this service knows, and which of them the operator has enabled for releases. Every known
/// version can be named by a snapshot; the newest enabled one is canonical. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Catalogues {
    versions: BTreeMap<AttackVersion, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    catalogue: Arc<Catalogue>,
    enabled: bool,
}

impl Catalogues {
    /// The versions that the binary carries, all enabled.
    pub fn bundled() -> Self {
        let mut catalogues = Self::default();
        for catalogue in bundled::catalogues() {
            catalogues.insert(catalogue, true);
        }
        catalogues
    }

    /// Adds a version, or replaces the one of the same number.
    pub fn insert(&mut self, catalogue: Arc<Catalogue>, enabled: bool) {
        self.versions.insert(catalogue.version(), Entry { catalogue, enabled });
    }

    /// As [`Self::insert`], enabled.
    #[must_use]
    pub fn with(mut self, catalogue: Catalogue) -> Self {
        self.insert(Arc::new(catalogue), true);
        self
    }

    /// Lets releases use a version, or no longer. Answers whether the version is known.
    pub fn enable(&mut self, version: AttackVersion, enabled: bool) -> bool {
        self.versions.get_mut(&version).map(|entry| entry.enabled = enabled).is_some()
    }

    pub fn get(&self, version: AttackVersion) -> Option<&Arc<Catalogue>> {
        self.versions.get(&version).map(|entry| &entry.catalogue)
    }

    /// Every known version, oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = AttackVersion> {
        self.versions.keys().copied()
    }

    pub fn is_enabled(&self, version: AttackVersion) -> bool {
        self.versions.get(&version).is_some_and(|entry| entry.enabled)
    }

    /// The newest enabled version, in which releases are computed; `None` if the operator has enabled none.
    pub fn canonical(&self) -> Option<&Arc<Catalogue>> {
        self.versions.values().rev().find(|entry| entry.enabled).map(|entry| &entry.catalogue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> AttackVersion {
        text.parse().unwrap()
    }

    #[test]
    fn the_newest_enabled_version_is_canonical() {
        let mut catalogues = Catalogues::bundled();
        let bundled = ["18.1", "19.0", "19.1", "19.2"].map(version);
        assert_eq!(catalogues.versions().collect::<Vec<_>>(), bundled);
        assert_eq!(catalogues.canonical().unwrap().version(), version("19.2"));
        assert!(catalogues.enable(version("19.2"), false));
        assert_eq!(catalogues.canonical().unwrap().version(), version("19.1"));
        assert!(catalogues.get(version("19.2")).is_some(), "a snapshot may still name it");
        assert!(!catalogues.is_enabled(version("19.2")));
        bundled.iter().for_each(|version| assert!(catalogues.enable(*version, false)));
        assert!(catalogues.canonical().is_none());
        assert!(!catalogues.enable(version("9.9"), true));
    }
}
