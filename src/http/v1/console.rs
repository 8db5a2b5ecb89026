//! The comparison for consoles.

pub mod rows;
