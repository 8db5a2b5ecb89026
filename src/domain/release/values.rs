//! The contributions that the rules work on, and their numbering.

pub mod entry;
pub mod layout;
pub mod roll_up;
pub mod unreleased;
