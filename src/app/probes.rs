//! Hooks for tests. No setting and no request reaches it.

use std::sync::Arc;

/// The points at which a test takes part in the work.
#[derive(Clone, Default)]
pub struct Probes {
    /// R29 is off.
    pub without_quarantine: bool,
    /// Called after each step of a publication.
    pub step: Option<Arc<dyn Fn(Step) + Send + Sync>>,
}

/// A step that a publication has just finished, for tests that stop there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The community is frozen.
    Frozen,
    /// The release is computed, and of it only the lists for the next one are stored.
    Aggregated,
    /// The release is stored, and nobody reads it.
    Computed,
    /// The release is read by everybody.
    Published,
}

impl Probes {
    pub(super) fn reached(&self, step: Step) {
        if let Some(probe) = &self.step {
            probe(step);
        }
    }
}
