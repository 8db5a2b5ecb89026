//! The scales of snapshots.

pub mod list;
