//! The contributions that the rules work on, and their numbering.

pub mod block;
pub mod layout;
pub mod unreleased;
