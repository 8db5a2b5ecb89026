//! Cohorts: the peers.

pub mod list;
