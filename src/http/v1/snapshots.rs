//! The own snapshots.

pub mod check;
pub mod create;
pub mod diff;
pub mod document;
pub mod list;
pub mod preview;
pub mod read;
mod summary;
pub mod withdraw;
