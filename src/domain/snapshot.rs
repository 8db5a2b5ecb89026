//! `coverage-snapshot/1`: what leaves an organisation. An allow-list without any free text; see [`parse`].

mod content;
mod header;
mod loss;
mod packed;
mod parse;
mod provenance;

pub use content::{Cell, CellValue, SCHEMA, Snapshot, SnapshotId};
pub use header::{Header, Producer};
pub use loss::{Loss, assessed, is_suspicious, loss};
pub use packed::{PackedError, pack, unpack};
pub use parse::{Context, FieldError, MAX_CELLS, MAX_TECHNOLOGIES, Parsed, Refused, departure, parse};
pub use provenance::{AdapterVersion, Basis, DOMAIN, InvalidAdapterVersion, Source};
