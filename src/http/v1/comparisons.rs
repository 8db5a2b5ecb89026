//! Where the own organisation stands.

pub mod list;
pub mod query;
pub mod summary;
