//! The registry of technologies.

pub mod list;
