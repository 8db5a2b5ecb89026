//! The handlers: one folder per resource, one file per operation.

pub mod admin;
pub mod attack;
pub mod cohorts;
pub mod comparisons;
pub mod console;
pub mod gaps;
pub mod organisation;
pub mod privacy;
pub mod releases;
pub mod report;
pub mod scales;
pub mod schemas;
pub mod service;
pub mod snapshots;
pub mod technologies;
pub mod tokens;
