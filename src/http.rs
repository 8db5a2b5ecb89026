//! The HTTP side, and the only place that names actix and utoipa. One handler, its body types and its documentation stand
//! in one file under `v1/`; `routes.rs` lists the handlers, and from that list come the server's table, the OpenAPI
//! document and the answer to a wrong method.

pub mod answers;
pub mod extract;
pub mod failures;
mod fallback;
pub mod middleware;
pub mod openapi;
pub mod problem;
pub mod reply;
mod routes;
pub mod server;
pub mod v1;

pub use v1::comparisons::answer::ComparisonSummary;
