//! The pure heart: coverage, comparison and the privacy of the release. No HTTP, SQL, data frames, async, clock
//! or randomness in here; everything is a function of its arguments.

pub mod access;
pub mod applicability;
pub mod attack;
pub mod audit;
pub mod calendar;
pub mod cohort;
pub mod column;
pub mod comparison;
pub mod coverage;
pub mod dimension;
pub mod facts;
pub mod json_pointer;
pub mod library;
pub mod named;
pub mod organisation;
pub mod path;
pub mod quarantine;
pub mod release;
pub mod scale;
pub mod snapshot;
pub mod technology;
