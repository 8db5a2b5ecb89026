//! The release: where pooled secrets become publishable numbers. Every number that leaves the service passes through
//! [`release`], a pure function of the contributions, the previous publication, the parameters and the key. Its rules
//! are public and numbered; each stands in a file of its own under its number.
//!
//! | rule | file |
//! |---|---|
//! | R7 contributors | `contributors.rs` |
//! | R9 threshold, R10 nested difference, R11 remainder | `nested.rs`; differences of lists: `lists.rs` |
//! | R11b span | `span.rs` |
//! | R12 dominance | `dominance.rs`, `seating.rs`, `scan.rs` |
//! | R13 lattice | `lattice.rs` |
//! | R14 quantile | `quantile.rs` |
//! | R15 code, R16 few | `code.rs` |
//! | R17 churn, R28 changed parameters | `churn.rs`; what it compares with: `footing.rs`, `history.rs`, `shelf.rs` |
//! | R18 bands, R22 confidence | `band.rs` |
//! | R30 manifest | `manifest.rs`; the text of a table: `document.rs` |

mod band;
mod block;
mod bytes;
mod cell;
mod churn;
mod code;
mod contributors;
mod document;
mod dominance;
mod footing;
mod frame;
mod history;
mod item;
mod keyed;
mod lattice;
mod layout;
mod lists;
mod manifest;
mod nested;
mod parameters;
mod publication;
mod quantile;
mod rules;
mod scan;
mod seating;
mod shelf;
mod show;
mod span;
mod unreleased;

pub use band::{Band, Grade};
pub use code::{Coded, End, Unit};
pub use contributors::{Candidate, contributes};
pub use document::Items;
pub use footing::Ledger;
pub use history::Previous;
pub use item::Item;
pub use keyed::ReleaseKey;
pub use lattice::Lattice;
pub use layout::{Key, Layout};
pub use manifest::{Hash, Manifest, Proof, Seal};
pub use parameters::{Overrides, ParameterError, Parameters, Preset, Rule, UnknownPreset};
pub use publication::{Publication, Quantiles, Row, Shown, Table};
#[cfg(test)]
pub(crate) use quantile::plain;
pub use rules::{Input, ReleaseError, count, release};
pub use shelf::{MemoryShelf, Place, Shelf, ShelfError};
pub use unreleased::{ABSENT, Assessed, Batch, Member, Unreleased};

#[cfg(test)]
mod tests;
