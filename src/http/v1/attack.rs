//! ATT&CK as this service has it.

pub mod list_groups;
pub mod list_tactics;
pub mod list_techniques;
pub mod list_versions;
pub mod read_catalogue;
pub mod read_technique;
