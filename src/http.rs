//! The HTTP side, and the only place that names actix and utoipa. One handler, its body types and its documentation stand
//! in one file under `v1/`; `routes.rs` lists the handlers, and from that list come the server's table, the OpenAPI
//! document and the answer to a wrong method.

mod accept;
mod answers;
mod connection;
pub mod console_page;
mod context;
mod docs;
mod extract;
pub(crate) mod failures;
mod fallback;
mod kept;
mod load;
mod metrics;
mod middleware;
pub mod openapi;
mod page;
mod problem;
mod rate_limits;
mod reply;
mod route_table;
mod routes;
mod serve_docs;
pub mod server;
mod sessions;
mod shares;
mod v1;

pub use context::BodyLimits;
pub use load::LoadLimits;
pub use rate_limits::RequestRates;
