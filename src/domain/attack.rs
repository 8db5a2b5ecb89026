//! MITRE ATT&CK as this service needs it: ids, versions, the catalogue of one version, and migration between two.

pub mod bundled;
mod catalogue;
mod catalogues;
pub mod compact;
mod components;
pub mod group_names;
mod id;
mod migrate;
mod notice;
mod platform;
pub mod stix;
mod version;

pub use catalogue::{Catalogue, CatalogueError, Group, Tactic, Technique};
pub use catalogues::Catalogues;
pub use components::ComponentTable;
pub use id::{GroupId, TechniqueId};
pub use migrate::{Backwards, Fate, Migration, Preview};
pub use platform::{Platform, PlatformSet};
pub use version::AttackVersion;
