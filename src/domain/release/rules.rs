//! The rules, each in a file of its own.

pub mod band;
pub mod code;
pub mod contributors;
pub mod display;
pub mod dominance;
pub mod new_cohort;
pub mod reason;
pub mod refresh;
pub mod span;
pub mod threshold_and_difference;
