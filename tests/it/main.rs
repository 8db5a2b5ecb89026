//! The integration tests, one binary, so that the library is linked once. What a test says it observed, it observed
//! from outside: through the real server and the real command line (`support`), or by reading the source tree
//! (`architecture`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test fails by panicking"
)]

mod api;
mod architecture;
mod attacks;
mod browser;
mod catalogue;
mod cli;
mod clients;
mod console_artefacts;
mod consoles;
mod deploy;
mod durability;
mod erasure;
mod fixture;
mod fuzz;
mod golden;
mod hostile;
mod language;
mod method;
mod openapi;
mod operation;
mod page;
mod publication;
mod report;
mod schema;
mod sources;
mod support;
mod versions;
