//! Comparisons of an organisation with its peers.

pub mod list;
pub mod query;
pub mod summary;
