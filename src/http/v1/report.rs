//! Reports to hand on.

pub mod read;
