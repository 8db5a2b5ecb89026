//! Where the own organisation stands.

pub mod answer;
mod csv;
pub mod item;
pub mod list;
pub mod query;
pub mod summary;
