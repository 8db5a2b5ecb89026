//! Storage: the only place that names diesel. One file per table; every function on tenant data takes the tenant
//! first, and what belongs to another tenant is absent, not forbidden.

pub mod audit;
pub mod catalogue;
pub mod client;
pub mod client_secret;
pub mod clock;
mod connection;
mod db;
mod error;
pub mod gap_book;
mod group_commit;
pub mod idempotency;
pub mod key;
pub mod lease;
mod migrate;
pub mod organisation;
pub mod quarantine;
pub mod release;
mod schema;
pub mod snapshot;
mod value;
mod watch;
pub mod writer;

pub use connection::{Conn, Location};
pub use db::{Db, OpenOptions};
pub use error::StoreError;
pub use watch::Moment;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
