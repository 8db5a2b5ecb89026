//! Use cases: one per file, a function and its error enum, without HTTP.

mod admissions;
pub mod authenticate;
pub mod caller;
pub mod change_client;
pub mod check_ready;
pub mod check_snapshot;
pub mod clock_check;
pub mod community;
pub mod compare;
mod contributions;
pub mod create_client;
pub mod create_organisation;
pub mod diff_snapshots;
pub mod enable_catalogue;
pub mod entitlement;
pub mod idempotency;
pub mod import_catalogue;
pub mod import_organisations;
pub mod issue_token;
pub mod join_community;
pub mod lease;
pub mod list_catalogues;
pub mod list_clients;
pub mod list_organisations;
pub mod list_releases;
pub mod list_snapshots;
mod log;
pub mod low_priority;
pub mod own;
pub mod page;
pub mod privacy_terms;
pub mod probes;
pub mod publish_release;
pub mod published;
pub mod quarantine;
mod quotas;
pub mod read_audit;
pub mod read_comparison;
pub mod read_organisation;
pub mod read_release;
pub mod read_snapshot;
pub mod readiness;
pub mod rename_organisation;
pub mod revoke_client;
pub mod schedule;
pub mod set_standing;
pub mod signing_keys;
pub mod simulate;
mod state;
pub mod trust_writer;
pub mod update_organisation;
pub mod upload_snapshot;
pub mod withdraw_snapshot;

pub use caller::{Caller, Member};
pub use idempotency::KeyReused;
pub use page::Page;
pub use probes::Probes;
pub use quotas::{QuotaExceeded, Quotas};
pub use state::{App, Attack, Parts, StartError};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
