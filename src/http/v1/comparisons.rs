//! Comparisons of an organisation with its peers.

pub mod changes;
mod errors;
pub mod fewest_changes;
pub mod form;
pub mod gaps;
mod ids;
pub mod list;
pub mod paths;
pub mod query;
pub mod summary;
pub mod trend;
pub mod what_if;
