//! Connectors: they bring console rows into the products that security teams look at. Each console is a file here that
//! speaks its vendor's protocol; what all of them do alike (batches, the state file, retries) stands below them.

pub mod address;
pub mod agent;
pub mod call;
pub mod console;
pub mod cortex;
pub mod cortex_key;
pub mod entra;
mod error;
pub mod export;
pub mod push;
pub mod rules;
pub mod sentinel;
pub mod splunk;
pub mod state;
pub mod sumo;
pub mod sumo_lookup;

pub use error::ConnectError;
