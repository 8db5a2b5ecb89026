//! Data components that can show a technique: the facts of ATT&CK 18.1's analytics, the only version that publishes
//! them in this form. Applicability is defined on this table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AttackVersion, TechniqueId};
use crate::domain::technology::ComponentSet;

/// The data components that the analytics of each technique name, in one ATT&CK version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentTable {
    pub version: AttackVersion,
    /// Techniques without any component are left out.
    pub techniques: BTreeMap<TechniqueId, ComponentSet>,
}

impl ComponentTable {
    /// Empty where ATT&CK names none.
    pub fn of(&self, technique: TechniqueId) -> ComponentSet {
        self.techniques.get(&technique).copied().unwrap_or_default()
    }
}
