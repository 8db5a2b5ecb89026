//! The arguments of handlers: the caller with a scope, bodies, pages, keys. A refusal is a [`Problem`](super::problem::Problem).

pub mod access;
pub mod body;
pub mod compared;
pub mod credentials;
pub mod dimensions;
pub mod facts;
pub mod idempotency;
pub mod json;
pub mod page;
pub mod query;
pub mod service;
pub mod upload;
pub mod visit;
