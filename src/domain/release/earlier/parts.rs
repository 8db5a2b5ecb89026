//! The place where the lists behind numbers lie from one release to the next (R17). Those of a large community are longer
//! than everything else that a release holds, so the rules put them away part by part while they work, and fetch the parts
//! of earlier releases when they come to them.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use thiserror::Error;

use crate::domain::snapshot::Basis;

/// The name of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartId {
    pub basis: Basis,
    pub release: u32,
    /// 0, 1, 2…
    pub part: u32,
}

/// The error for a part that could not be kept, or is not there. Whoever keeps parts knows why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a part of the lists could not be kept or read")]
pub struct PartError;

/// Keeps parts. What is fetched is what was put.
pub trait Parts: Sync {
    /// Keeps a part; those of a basis come one after the other.
    fn put(&self, place: PartId, part: Vec<u8>) -> Result<(), PartError>;

    fn fetch(&self, place: PartId) -> Result<Arc<Vec<u8>>, PartError>;
}

/// Parts in memory.
#[derive(Debug, Default)]
pub struct MemoryParts(RwLock<BTreeMap<PartId, Arc<Vec<u8>>>>);

impl MemoryParts {
    /// Everything that is kept, in order.
    pub fn parts(&self) -> Vec<Arc<Vec<u8>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

impl Clone for MemoryParts {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.0.read().unwrap_or_else(PoisonError::into_inner).clone()))
    }
}

impl Parts for MemoryParts {
    fn put(&self, place: PartId, part: Vec<u8>) -> Result<(), PartError> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(place, Arc::new(part));
        Ok(())
    }

    fn fetch(&self, place: PartId) -> Result<Arc<Vec<u8>>, PartError> {
        let parts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        parts.get(&place).cloned().ok_or(PartError)
    }
}
