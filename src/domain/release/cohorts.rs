//! The cohorts of a release, and who is in which.

pub mod index;
pub mod lattice;
pub mod membership;
