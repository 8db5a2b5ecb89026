//! The parameters of a release: one table, the presets, the limits beyond which the service refuses to start, and what
//! an earlier or a later version recorded of them.

mod declare;
mod preset;
mod recorded;
mod table;

pub use declare::{Parameter, ParameterError};
pub use preset::{Preset, Rule};
pub use recorded::Recorded;
pub use table::Parameters;
