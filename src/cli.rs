//! The command line: one file per command.

pub mod catalogue;
pub mod demo;
pub mod progress;
pub mod report;
