//! The privacy rules and their parameters.

pub mod read;
