//! Comparisons of an organisation with its peers.

pub mod changes;
mod form;
pub mod list;
pub mod paths;
pub mod query;
pub mod summary;
pub mod trend;
