//! The own organisation.

pub mod add_secret;
pub mod clients;
pub mod create_client;
pub mod item;
pub mod list_clients;
pub mod read;
pub mod read_audit;
pub mod read_client;
pub mod remove_secret;
pub mod revoke_client;
pub mod update;
pub mod update_client;
