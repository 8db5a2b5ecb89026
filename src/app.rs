//! Use cases: one per file, a function and its error enum, without HTTP.

pub mod community;
pub mod compare;
pub mod published;
