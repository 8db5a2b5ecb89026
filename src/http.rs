//! The HTTP side, and the only place that names actix and utoipa. One handler, its body types and its documentation stand
//! in one file under `v1/`; `routes.rs` lists the handlers, and from that list come the server's table, the OpenAPI
//! document and the answer to a wrong method.

mod accept;
mod answers;
mod context;
mod extract;
pub(crate) mod failures;
mod fallback;
mod metrics;
mod middleware;
pub mod openapi;
mod problem;
mod rate_limits;
mod reply;
mod route_table;
mod routes;
pub mod server;
mod v1;

pub use context::BodyLimits;
