//! peerbench: peer benchmarking of MITRE ATT&CK detection coverage. See `ARCHITECTURE.md` for the map.

pub mod analytics;
pub mod app;
pub mod auth;
pub mod cli;
pub mod connect;
pub mod domain;
pub mod environment;
pub mod http;
pub mod report;
pub mod settings;
pub mod sources;
pub mod store;
pub mod wire;

/// A release makes and forgets lists by the million, on several threads; a seventh of its time less than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
