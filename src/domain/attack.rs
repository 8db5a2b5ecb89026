//! MITRE ATT&CK as this service needs it: ids, versions, the catalogue of one version, and migration between two.

mod catalogue;
mod catalogues;
mod id;
mod platform;
mod version;

pub use catalogue::{Catalogue, CatalogueError, Group, Tactic, Technique};
pub use catalogues::Catalogues;
pub use id::{GroupId, TechniqueId};
pub use platform::{Platform, PlatformSet};
pub use version::AttackVersion;
