//! The rules, each in a file of its own.

pub mod band;
pub mod change;
pub mod code;
pub mod contributors;
pub mod display;
pub mod dominance;
pub mod doors;
pub mod hysteresis;
pub mod new_cohort;
pub mod pairs;
pub mod reason;
pub mod refresh;
pub mod resolution;
pub mod scale;
pub mod span;
pub mod threshold_and_difference;
