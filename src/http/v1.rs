//! The handlers: one folder per resource, one file per operation.

pub mod attack;
pub mod scales;
pub mod schemas;
pub mod service;
pub mod technologies;
