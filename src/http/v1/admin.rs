//! The operator's administration.

pub mod create_client;
pub mod create_organisation;
pub mod list_clients;
pub mod list_organisations;
pub mod platforms;
pub mod quarantine;
pub mod read_organisation;
pub mod readiness;
pub mod revoke_client;
pub mod update_organisation;
