//! The handlers: one folder per resource, one file per operation.

pub mod admin;
pub mod attack;
pub mod organisation;
pub mod scales;
pub mod schemas;
pub mod service;
pub mod snapshots;
pub mod technologies;
pub mod tokens;
