//! The organisation's own book of gaps.

pub mod decide;
pub mod forget;
pub mod list;
