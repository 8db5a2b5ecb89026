//! Schemas of what members send.

pub mod read;
