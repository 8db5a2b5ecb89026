//! The pure heart: coverage, comparison and the privacy of the release. No HTTP, SQL, data frames, async, clock
//! or randomness in here; everything is a function of its arguments.

pub mod attack;
pub mod calendar;
pub mod scale;
pub mod technology;
