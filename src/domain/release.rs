//! The release: where pooled secrets become publishable numbers. Every number that leaves the service passes through
//! [`release`], a pure function of the contributions, the previous publication, the parameters and the key. Its rules
//! are public and numbered; each stands in a file of its own under its number.
//!
//! | rule | file |
//! |---|---|
//! | R7 contributors | `rules/contributors.rs` |
//! | R9 threshold, R10 nested difference, R11 remainder | `rules/threshold_and_difference.rs`; differences of lists: `counting/differences.rs` |
//! | R11b span | `rules/span.rs` |
//! | R12 dominance | `rules/dominance.rs`, `cohorts/membership.rs`, `counting/count.rs` |
//! | R13 lattice | `cohorts/lattice.rs` |
//! | R14 quantile | `counting/quantile.rs` |
//! | R15 code, R16 few | `rules/code.rs`, `rules/display.rs` |
//! | R17 refresh, R28 changed parameters | `rules/refresh.rs`; what it compares with: `earlier/` |
//! | R18 bands, R22 confidence | `rules/band.rs` |
//! | R30 manifest | `manifest.rs`; the text of a table: `document.rs` |

mod cell;
mod cohorts;
mod counting;
mod document;
mod earlier;
mod error;
mod hash;
mod item;
mod manifest;
mod parameters;
mod publication;
mod publish;
mod release_key;
mod rules;
mod run;
mod values;

pub use cohorts::lattice::Lattice;
#[cfg(test)]
pub(crate) use counting::quantile::plain;
pub use document::{Items, TableError};
pub use earlier::{
    parts::{MemoryParts, PartError, PartId, Parts},
    previous::Previous,
};
pub use error::ReleaseError;
pub use hash::Hash;
pub use item::Item;
pub use manifest::{Manifest, Proof, Reading, Seal, Unread};
pub use parameters::{Parameter, ParameterError, Parameters, Preset, Recorded, Rule, UnknownPreset};
pub use publication::{Ledger, Publication, Quantiles, Row, Shown, Table};
pub use publish::{Input, count, release};
pub use release_key::ReleaseKey;
pub use rules::{
    band::{Band, Grade},
    code::{Coded, End, Unit},
    contributors::{Candidate, contributes},
};
pub use values::{
    layout::{Key, Layout},
    unreleased::{ABSENT, Assessed, Batch, Member, Unreleased},
};

#[cfg(test)]
mod tests;
