//! The own organisation.

pub mod clients;
pub mod create_client;
pub mod item;
pub mod list_clients;
pub mod read;
pub mod read_audit;
pub mod revoke_client;
pub mod update;
